/**
 * Judges a request for a stream (RFC 6455 §4.2.1) before anything is accepted. `Origin` is not
 * looked at: who speaks is told by a token in a frame, never by a cookie, so a page of another
 * site gains nothing by connecting.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpProblem } from '../../core/routes.ts';
import type { Site, Sites } from '../authorities.ts';
import { hasBody } from '../body.ts';
import type { Target } from '../target.ts';
import type { SocketEntry } from './socket-table.ts';

export type UpgradeListener = (message: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A GET that offers `websocket`; any other offer to upgrade is not for us. */
export function asksForStream({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.upgrade === undefined) return false;
  return headers.upgrade.split(',').some((one) => one.trim().toLowerCase() === 'websocket');
}

/** Where a request for a stream leads. */
export type Judged =
  | { readonly is: 'accepted'; readonly site: Site; readonly entry: SocketEntry }
  | {
    readonly is: 'refused';
    readonly problem: HttpProblem;
    readonly site: Site | undefined;
    readonly entry: SocketEntry | undefined;
  };

/** In the order of any request: its head, its authority, its path, then the handshake itself. */
export function judgeHandshake(
  message: IncomingMessage,
  target: Target,
  sites: Sites,
): Judged {
  const site = sites.find(target.host);
  const entry = site?.sockets.find(target.path);
  const refusedBy = (status: HttpProblem['status']): Judged =>
    ({ is: 'refused', problem: { status }, site, entry });
  if (target.problem !== null) return refusedBy(target.problem);
  if (site === undefined) return refusedBy(421);
  if (entry === undefined) return refusedBy(404);
  if (hasBody(message) || !isHandshake(message)) return refusedBy(400);
  return { is: 'accepted', site, entry };
}

/** Sixteen bytes in base64 (RFC 6455 §4.1); sent twice, Node joins the values and they fail. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

function isHandshake({ headers, httpVersion }: IncomingMessage): boolean {
  if (httpVersion !== '1.1' || headers['sec-websocket-version'] !== '13') return false;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return false;
  return KEY.test(headers['sec-websocket-key'] ?? '');
}

/** A plain request at a path of streams: they begin with a GET that upgrades. */
export function plainProblem(entry: SocketEntry | undefined, method: string): HttpProblem {
  if (entry === undefined) return { status: 404 };
  return method === 'GET' ? { status: 400 } : { status: 405, allow: ['GET'] };
}
