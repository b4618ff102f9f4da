/** JSON over HTTP for operators and controls: reading bodies, writing answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export type JsonAnswer = { readonly status: number; readonly body: unknown };

export function problem(status: number, reason: string): JsonAnswer {
  return { status, body: { error: 'refused', reason } };
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** A JSON body, undefined when there is none; throws a SyntaxError or RangeError for a bad one. */
export async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError('the body is over 16 MiB');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text) as unknown;
}

export function sendJson(raw: ServerResponse, { status, body }: JsonAnswer): void {
  const text = JSON.stringify(body);
  raw.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  raw.end(text);
}
