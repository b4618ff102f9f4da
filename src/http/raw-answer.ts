/** One answer as bytes, for connections that Node's server no longer answers by itself. */
import { STATUS_CODES } from 'node:http';
import type { WireResponse } from '../core/wire.ts';
import { completeHeaders } from './respond.ts';

/** Status line, headers and body of the last answer on a connection. */
export function answerText(status: number, { headers, body }: WireResponse): string {
  const flat = completeHeaders(headers);
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`];
  for (let at = 0; at < flat.length; at += 2) lines.push(`${flat[at]}: ${flat[at + 1]}`);
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close');
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
