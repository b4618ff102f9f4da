/** Reads a request's body within its route's limit; more is refused before it is kept (DS-01). */
import type { IncomingMessage } from 'node:http';

/** Bytes as Latin-1 text, or `too_large`; rejects when the connection breaks. */
export function readBody(message: IncomingMessage, bytes_max: number): Promise<string | TooLarge> {
  const announced = Number(message.headers['content-length'] ?? 0);
  if (announced > bytes_max) return Promise.resolve('too_large');
  if (announced === 0 && message.headers['transfer-encoding'] === undefined) {
    return Promise.resolve('');
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytes_max) {
        message.removeAllListeners('data');
        message.pause();
        resolve('too_large');
        return;
      }
      chunks.push(chunk);
    });
    message.on('end', () => resolve(join(chunks)));
    message.on('error', reject);
    message.on('aborted', () => reject(new ClientGone()));
  });
}

export type TooLarge = 'too_large';

/** The client hung up; nobody waits for an answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

function join(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (first === undefined) return '';
  return (chunks.length === 1 ? first : Buffer.concat(chunks)).toString('latin1');
}
