/**
 * The HTTP adapter: sockets, limits, authorities, routing and the access log around the dialects.
 * It judges no request; what no dialect's route answers is worded by the owner of the path.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Dispatch } from '../core/commands.ts';
import type { Dialect, HttpProblem } from '../core/routes.ts';
import type { WireRequest, WireResponse } from '../core/wire.ts';
import type { WorldName } from '../core/world.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Log } from '../ports/log.ts';
import { logAccess } from './access-log.ts';
import type { Authorities, Authority } from './authorities.ts';
import { ClientGone, readBody } from './body.ts';
import { type ClientAddress, clientAddress } from './client-address.ts';
import { answerParserError } from './parser-errors.ts';
import { faultProblem } from './faults.ts';
import { type Head, readHead, wireRequest } from './head.ts';
import { type StandingHeaders, respond, standingHeaders } from './respond.ts';
import { type Match, type Router, createRouter } from './router.ts';

export type HttpOptions = {
  readonly dialects: readonly Dialect[];
  /** Answers what is too broken to have a path. */
  readonly parser_dialect: Dialect;
  readonly authorities: Authorities;
  readonly dispatch: { readonly [W in WorldName]?: Dispatch | undefined };
  readonly log: Log;
  readonly entropy: Entropy;
  /** Addresses or ranges whose `X-Forwarded-For` is believed. */
  readonly trusted_proxies: readonly string[];
  /** TLS in front (or here): adds HSTS. */
  readonly secure: boolean;
};

export type HttpServer = {
  /** Starts listening; answers the bound port. */
  listen(host: string, port: number): Promise<number>;
  /** Stops accepting, lets requests in flight finish (at most 10 s), then closes. */
  close(): Promise<void>;
};

const HEADER_BYTES_MAX = 32_768;
const REQUEST_LINE_BYTES_MAX = 16_384;
const DRAIN_MS = 10_000;

const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;

type Context = HttpOptions & {
  readonly router: Router;
  readonly standing: StandingHeaders;
  readonly address_of: ClientAddress;
  closing: boolean;
};

export function createHttpServer(options: HttpOptions): HttpServer {
  const context: Context = {
    ...options,
    router: createRouter(options.dialects),
    standing: standingHeaders(options.secure),
    address_of: clientAddress(options.trusted_proxies),
    closing: false,
  };
  const server = createServer(
    { ...TIMEOUTS, maxHeaderSize: HEADER_BYTES_MAX, insecureHTTPParser: false },
    (message, raw) => void serve(context, message, raw),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerParserError(context, error, socket);
  });
  return {
    listen: (host, port) => new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.removeListener('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    }),
    close: () => new Promise((resolve) => {
      context.closing = true;
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      server.close(() => {
        clearTimeout(late);
        resolve();
      });
      server.closeIdleConnections();
    }),
  };
}

async function serve(
  context: Context,
  message: IncomingMessage,
  raw: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const head = readHead(context, message);
  try {
    const { answer, route, close } = await answerRequest(context, message, head);
    respond(raw, answer, { standing: context.standing, close: close || context.closing });
    if (route.id === 'healthz') return;
    const { request_id, method, address } = head;
    const ms = performance.now() - started;
    const world = head.authority?.world;
    const dialect = route.dialect;
    logAccess(context.log, {
      request_id, world, dialect, route: route.id, method, address, ms,
    }, answer);
  } catch (error) {
    if (!(error instanceof ClientGone)) {
      context.log.write('error', 'answer failed', { request_id: head.request_id });
    }
    raw.destroy();
  }
}

type Answered = {
  readonly answer: WireResponse;
  readonly route: { readonly id: string; readonly dialect: string };
  /** The rest of the request is not wanted: close the connection after the answer. */
  readonly close: boolean;
};

async function answerRequest(
  context: Context,
  message: IncomingMessage,
  head: Head,
): Promise<Answered> {
  if (head.path === '/healthz') return { answer: HEALTHY, route: HEALTH_ROUTE, close: false };
  const early = earlyProblem(head, message);
  const { authority } = head;
  if (early !== null || authority === undefined) {
    return problem(context, head, early ?? { status: 421 });
  }
  const match = context.router.match(authority.roles, head.method, head.path);
  if (match.is !== 'route') return unmatched(context, head, match);
  const { route } = match;
  const body = await readBody(message, route.body_bytes_max);
  if (body === 'too_large') return problem(context, head, { status: 413 });
  const dispatch = context.dispatch[authority.world];
  if (dispatch === undefined) return problem(context, head, { status: 421 });
  const request = wireRequest(head, authority, { message, body });
  try {
    const answer = await route.answer(request, dispatch);
    return { answer, route, close: false };
  } catch (error) {
    const fault = faultProblem(context.log, error, head.request_id);
    return { ...problem(context, head, fault), route };
  }
}

const HEALTH_ROUTE = { id: 'healthz', dialect: 'none' };

const HEALTHY: WireResponse = {
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body: '{"status":"ok"}',
};

/** What is wrong with a request before anyone looks at where it goes. */
function earlyProblem(head: Head, message: IncomingMessage): HttpProblem | null {
  if (head.target_bytes > REQUEST_LINE_BYTES_MAX) return { status: 414 };
  const hosts = message.headersDistinct['host']?.length ?? 0;
  return hosts > 1 ? { status: 400 } : null;
}

function unmatched(
  context: Context,
  head: Head,
  match: Exclude<Match, { is: 'route' }>,
): Answered {
  if (match.is === 'unrouted') return problem(context, head, { status: 404 });
  return problem(context, head, { status: 405, allow: match.allow });
}

/** An answer in the form of the dialect that owns the path. */
function problem(context: Context, head: Head, what: HttpProblem): Answered {
  const dialect = context.router.owner(head.path);
  const { method, path, request_id, header } = head;
  const world: WorldName = head.authority?.world ?? 'live';
  const authority = head.authority?.name ?? 'unknown';
  const answer = dialect.problem(what, { method, path, request_id, header, world, authority });
  const outcome = { outcome: what.status >= 500 ? 'fault' : 'refused' };
  return {
    answer: { ...answer, log: answer.log ?? outcome },
    route: { id: `http.${what.status}`, dialect: dialect.name },
    close: true,
  };
}

