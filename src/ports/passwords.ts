/** Slow hashing of passwords, in a bounded pool of its own (DS-05). */
export type Passwords = {
  /** Argon2id PHC string. Rejects with `PasswordsBusy` when the queue is full. */
  hash(password: string): Promise<string>;
  /** Same work for a null hash (unknown name) as for a real one (EN-02). */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** True when the hash was made with weaker parameters than today's. */
  outdated(hash: string): boolean;
};

/** The hashing queue is full: answer 503, reveal nothing. */
export class PasswordsBusy extends Error {
  constructor() {
    super('password hashing queue is full');
    this.name = 'PasswordsBusy';
  }
}
