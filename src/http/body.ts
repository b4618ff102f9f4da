/** Reads a request's body within its route's limit; more is never kept (DS-01). */
import type { IncomingMessage } from 'node:http';

export type BodyResult =
  | { readonly is: 'body'; readonly text: string }
  | { readonly is: 'too_large' }
  /** The client hung up: nobody waits for an answer. */
  | { readonly is: 'gone' };

/**
 * Beyond the limit this much is still read and thrown away, so that a client that writes before it
 * reads gets its 413 and not a reset connection.
 */
const DISCARDED_BYTES_MAX = 262_144;

/** Announced by its head, before a byte of it is read. */
export function hasBody(message: IncomingMessage): boolean {
  const { headers } = message;
  return headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && headers['content-length'] !== '0');
}

/** Calls `done` once, with the bytes as Latin-1 text. */
export function readBody(
  message: IncomingMessage,
  bytes_max: number,
  done: (result: BodyResult) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let settled = false;

  function settle(result: BodyResult): void {
    if (settled) return;
    settled = true;
    done(result);
  }

  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bytes_max) chunks.push(chunk);
    else chunks.length = 0;
    if (bytes > bytes_max + DISCARDED_BYTES_MAX) settle({ is: 'too_large' });
  });
  message.on('end', () => settle(
    bytes > bytes_max ? { is: 'too_large' } : { is: 'body', text: textOf(chunks) },
  ));
  message.on('error', () => settle({ is: 'gone' }));
  message.on('close', () => settle({ is: 'gone' }));
}

function textOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (first === undefined) return '';
  return (chunks.length === 1 ? first : Buffer.concat(chunks)).toString('latin1');
}
