/** Writes an answer in one piece, with the headers that every answer has. */
import type { ServerResponse } from 'node:http';
import type { WireHeader, WireResponse } from '../core/wire.ts';

export type Responder = (
  reply: ServerResponse,
  response: WireResponse,
  options: { readonly close: boolean },
) => void;

/**
 * What each answer carries unless its dialect said otherwise (XS-05, XS-06): nothing is sniffed,
 * framed or told to others, and nothing is stored that does not say it may be (HP-12).
 */
const STANDING: readonly WireHeader[] = [
  ['Cache-Control', 'no-store'],
  ['Pragma', 'no-cache'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Referrer-Policy', 'no-referrer'],
];

/** Only where TLS is in front: a browser ignores it on plain http (RFC 6797 §7.2). */
const TRANSPORT: WireHeader =
  ['Strict-Transport-Security', 'max-age=63072000; includeSubDomains'];

export function responder(secure: boolean): Responder {
  const standing = secure ? [...STANDING, TRANSPORT] : STANDING;
  // Hot answers share one header list, whose complete form is made once.
  const complete = new WeakMap<readonly WireHeader[], readonly string[]>();

  function completed(headers: readonly WireHeader[]): readonly string[] {
    const known = complete.get(headers);
    if (known !== undefined) return known;
    const flat = completeHeaders(headers, standing);
    complete.set(headers, flat);
    return flat;
  }

  return (reply, { status, headers, body }, { close }) => {
    const bytes = Buffer.byteLength(body);
    // A 304 has no content, and its length would be that of the answer it stands for.
    const length = status === 304 ? [] : ['Content-Length', String(bytes)];
    const flat = [...completed(headers), ...length];
    if (close) flat.push('Connection', 'close');
    reply.writeHead(status, flat);
    // All ASCII: Node then sends head and body as one string, with no transcoding.
    reply.end(body, bytes === body.length ? 'latin1' : 'utf8');
  };
}

/** A flat list of names and values: the dialect's own, then the standing ones it lacks. */
export function completeHeaders(
  headers: readonly WireHeader[],
  standing: readonly WireHeader[] = STANDING,
): string[] {
  const present = new Set(headers.map(([name]) => name.toLowerCase()));
  const cacheable = present.has('cache-control');
  const missing = standing.filter(([name]) =>
    !present.has(name.toLowerCase()) && !(cacheable && name === 'Pragma'));
  return [...headers, ...missing].flat();
}
