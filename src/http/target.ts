/** The target and the authority of a request (RFC 9112 §3.2, §7.2). */
import type { IncomingMessage } from 'node:http';
import type { HttpProblem } from '../core/routes.ts';
import { countHeader } from './incoming-request.ts';

export type Target = {
  /** Undecoded, as sent. */
  readonly path: string;
  /** Undecoded, without `?`. */
  readonly query: string;
  /** `host[:port]` the request names. */
  readonly host: string;
  /** Why the request cannot be served, or null. */
  readonly problem: HttpProblem['status'] | null;
};

const TARGET_CHARACTERS_MAX = 16_384;

/** A target in absolute form names its own authority, which must be the one in `Host`. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

export function readTarget(message: IncomingMessage): Target {
  const { url = '', headers: { host = '' } } = message;
  if (url.startsWith('/')) return split(url, host, headProblem(message));
  const [, named, rest] = ABSOLUTE.exec(url) ?? [];
  if (named === undefined || rest === undefined) return split(url, host, headProblem(message));
  const same = named.toLowerCase() === host.toLowerCase();
  return split(rest.startsWith('/') ? rest : `/${rest}`, host, same ? headProblem(message) : 421);
}

function split(target: string, host: string, problem: HttpProblem['status'] | null): Target {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '', host, problem }
    : { path: target.slice(0, mark), query: target.slice(mark + 1), host, problem };
}

/** What no client sends by mistake: smuggling and oversized lines (HP-10, DS-01). */
function headProblem(message: IncomingMessage): HttpProblem['status'] | null {
  if ((message.url?.length ?? 0) > TARGET_CHARACTERS_MAX) return 414;
  const hosts = countHeader(message, 'host');
  if (hosts > 1 || (hosts === 0 && message.httpVersion !== '1.0')) return 400;
  const { headers } = message;
  if (headers['transfer-encoding'] !== undefined) {
    // RFC 9112 §6.1: HTTP/1.0 has no transfer coding; with a length besides, framing is doubtful.
    if (message.httpVersion === '1.0' || headers['content-length'] !== undefined) return 400;
  }
  return null;
}
