/** Mail to customers. Development keeps it in memory for `GET /mail`. */
export type MailMessage = {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
};

export type Mail = {
  send(message: MailMessage): Promise<void>;
};
