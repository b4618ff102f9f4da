/** Writes a dialect's answer to the socket, with the headers every answer has. */
import type { ServerResponse } from 'node:http';
import type { WireResponse } from '../core/wire.ts';

/** What each answer of this server carries unless the dialect said otherwise. */
export type StandingHeaders = readonly (readonly [name: string, value: string])[];

/**
 * Headers that hold everywhere: no sniffing, and nothing is stored unless it says that it may be
 * (HP-12). HSTS only where TLS is in front (RFC 6797 §7.2).
 */
export function standingHeaders(secure: boolean): StandingHeaders {
  const headers: [string, string][] = [
    ['X-Content-Type-Options', 'nosniff'],
    ['Cache-Control', 'no-store'],
  ];
  if (secure) headers.push(['Strict-Transport-Security', 'max-age=63072000; includeSubDomains']);
  return headers;
}

/** One write: status line, headers with the length, body. */
export function respond(
  raw: ServerResponse,
  answer: WireResponse,
  { standing, close }: { readonly standing: StandingHeaders; readonly close: boolean },
): void {
  const flat: string[] = [];
  for (const [name, value] of answer.headers) flat.push(name, value);
  for (const [name, value] of standing) if (!has(answer, name)) flat.push(name, value);
  flat.push('Content-Length', String(Buffer.byteLength(answer.body)));
  if (close) flat.push('Connection', 'close');
  raw.writeHead(answer.status, flat);
  raw.end(answer.body);
}

function has(answer: WireResponse, name: string): boolean {
  for (const [present] of answer.headers) {
    if (present.length === name.length && present.toLowerCase() === name.toLowerCase()) return true;
  }
  return false;
}
