/** Loaded before the server: counters cannot be written, as with a full disk. */
import { DatabaseSync } from 'node:sqlite';

const prepare = DatabaseSync.prototype.prepare;

DatabaseSync.prototype.prepare = function broken(this: DatabaseSync, sql: string) {
  const statement = prepare.call(this, sql);
  if (/counter/i.test(sql) && /INSERT|UPDATE/i.test(sql)) {
    const fail = (): never => {
      throw new Error('disk I/O error in /secret/place/live.sqlite');
    };
    Object.defineProperty(statement, 'get', { value: fail });
    Object.defineProperty(statement, 'run', { value: fail });
    Object.defineProperty(statement, 'all', { value: fail });
  }
  return statement;
};
