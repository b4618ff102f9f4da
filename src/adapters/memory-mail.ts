/** Mail that stays here, for development: `GET /mail` shows it. */
import type { Mail, MailMessage } from '../ports/mail.ts';

export type MemoryMail = Mail & {
  /** Oldest first. */
  readonly messages: readonly MailMessage[];
};

const MESSAGES_MAX = 1000;

export function memoryMail(): MemoryMail {
  const messages: MailMessage[] = [];
  return {
    messages,
    send(message) {
      messages.push(message);
      if (messages.length > MESSAGES_MAX) messages.shift();
      return Promise.resolve();
    },
  };
}
