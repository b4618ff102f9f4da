/** Requests that the HTTP parser refuses: one answer in a dialect's form, then the end. */
import type { Socket } from 'node:net';
import type { Dialect, HttpProblem } from '../core/routes.ts';
import type { WireResponse } from '../core/wire.ts';
import type { Log } from '../ports/log.ts';
import { logAccess } from './access-log.ts';
import type { Site } from './authorities.ts';
import { answerText } from './raw-answer.ts';

export type ParserParts = {
  /** Words the refusal of a request whose path could not be read. */
  readonly machine_dialect: Dialect;
  readonly site: Site;
  readonly log: Log;
  readonly nextId: () => string;
};

/** What Node adds to an error of its parser. */
export type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

const REQUEST_LINE_BYTES_MAX = 16_384;

/** Enough for the request line of every path that a dialect owns. */
const FIRST_BYTES = 2_048;

/** Keeps a flood of junk from becoming a flood of lines. */
const LINES_PER_SECOND_MAX = 20;

/** 431 or 414 for an oversized head, 408 for a slow one, else 400 (HP-10, DS-01, DS-02). */
export function parserErrorHandler(
  parts: ParserParts,
): (error: ParserError, socket: Socket) => void {
  const mayLog = boundedRate(LINES_PER_SECOND_MAX);
  return (error, socket) => {
    const status = statusOf(error);
    // A slow request on a connection that already had answers: nobody reads another one.
    if (status === null || !socket.writable || (status === 408 && socket.bytesWritten > 0)) {
      socket.destroy();
      return;
    }
    const request_id = parts.nextId();
    const path = pathOf(error);
    const owner = path === null ? undefined : parts.site.routes.owner(path);
    const dialect = owner ?? parts.machine_dialect;
    const answer = problemOf(parts, { dialect, path: path ?? '', status, request_id });
    socket.end(answerText(status, answer), () => socket.destroySoon());
    if (!mayLog()) return;
    logAccess(parts.log, {
      request_id,
      world: null,
      dialect: dialect.name,
      route: null,
      method: '',
      address: socket.remoteAddress ?? '',
      started: performance.now(),
    }, { ...answer, status, log: { outcome: 'refused', reason: error.code ?? 'parser' } });
  };
}

function statusOf(error: ParserError): 400 | 408 | 414 | 431 | null {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return null;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (error.code !== 'HPE_HEADER_OVERFLOW') return 400;
  const line_end = error.rawPacket?.indexOf('\n') ?? -1;
  return line_end < 0 || line_end > REQUEST_LINE_BYTES_MAX ? 414 : 431;
}

/** Of a request whose head began in the bytes at hand; else null. */
function pathOf({ rawPacket }: ParserError): string | null {
  const start = rawPacket?.toString('latin1', 0, FIRST_BYTES) ?? '';
  return /^[A-Z]{1,16} (\/[^ ?\r\n]*)[^ \r\n]* HTTP\/1\.[01]\r?\n/.exec(start)?.[1] ?? null;
}

type Unread = {
  readonly dialect: Dialect;
  readonly path: string;
  readonly status: number;
  readonly request_id: string;
};

function problemOf(
  parts: ParserParts,
  { dialect, path, status, request_id }: Unread,
): WireResponse {
  const said: HttpProblem['status'] = status === 431 || status === 414 ? status : 400;
  const { world, authority } = parts.site;
  const unread = { method: '', path, world, authority, request_id };
  return dialect.problem({ status: said }, { ...unread, header: () => undefined });
}

/** Says yes at most so often a second. */
function boundedRate(per_second_max: number): () => boolean {
  let began = 0;
  let count = 0;
  return () => {
    const now = performance.now();
    if (now - began > 1000) {
      began = now;
      count = 0;
    }
    count += 1;
    return count <= per_second_max;
  };
}
