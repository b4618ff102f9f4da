/** Requests the HTTP parser refuses: answered in a dialect's form, then the connection closes. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Dialect, HttpProblem } from '../core/routes.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Log } from '../ports/log.ts';
import { logAccess } from './access-log.ts';
import type { StandingHeaders } from './respond.ts';

type ParserParts = {
  readonly parser_dialect: Dialect;
  readonly log: Log;
  readonly entropy: Entropy;
  readonly standing: StandingHeaders;
};

/** Too large a head is 431; a slow one is closed; everything else is 400 (HP-10, DS-01, DS-02). */
export function answerParserError(
  parts: ParserParts,
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status: HttpProblem['status'] = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const request_id = parts.entropy.base62(12);
  const answer = parts.parser_dialect.problem({ status }, {
    method: 'GET', path: '', world: 'live', authority: 'unknown', request_id,
    header: () => undefined,
  });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
    ...[...answer.headers, ...parts.standing].map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(answer.body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${answer.body}`);
  logAccess(parts.log, {
    request_id,
    world: undefined,
    dialect: parts.parser_dialect.name,
    route: 'http.parser',
    method: 'unknown',
    address: socket.remoteAddress ?? 'unknown',
    ms: 0,
  }, { ...answer, log: { outcome: 'refused', reason: error.code ?? 'parser' } });
}
