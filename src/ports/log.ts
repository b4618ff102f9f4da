/** One JSON object a line; fields are cut at 1 kB and never hold a secret (LG-01, LG-02). */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = { readonly [name: string]: string | number | boolean | null | undefined };

export type Log = {
  write(level: LogLevel, message: string, fields: LogFields): void;
};
