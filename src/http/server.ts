/**
 * The HTTP adapter: limits, authorities, routing and the access log around the dialects. It judges
 * no request; what no route answers is worded by the dialect that owns the path.
 */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Dispatch } from '../core/commands.ts';
import type { Dialect, HttpProblem, Route } from '../core/routes.ts';
import type { WireResponse } from '../core/wire.ts';
import type { WorldName } from '../core/world.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Log } from '../ports/log.ts';
import { logAccess } from './access-log.ts';
import { type Authority, type Site, type Sites, sitesOf } from './authorities.ts';
import { hasBody, readBody } from './body.ts';
import { type BoundPort, bindPort, replaceListeners } from './bound-port.ts';
import { type AddressReader, addressReader } from './client-address.ts';
import { faultProblem } from './faults.ts';
import { IncomingRequest } from './incoming-request.ts';
import { type ParserError, parserErrorHandler } from './parser-errors.ts';
import { type ProblemWriter, problemWriter } from './problem.ts';
import { type Responder, responder } from './respond.ts';
import type { PathEntry } from './route-table.ts';
import { CROWD_LIMITS, type CrowdLimits } from './sockets/crowd.ts';
import { plainProblem } from './sockets/handshake.ts';
import { type SocketServer, createSocketServer } from './sockets/socket-server.ts';
import { type Target, readTarget } from './target.ts';

export type HttpOptions = {
  readonly dialects: readonly Dialect[];
  /** The authorities served here, and nothing else: any other is 421. */
  readonly authorities: readonly Authority[];
  readonly dispatch: { readonly [W in WorldName]?: Dispatch | undefined };
  readonly log: Log;
  readonly entropy: Entropy;
  /** Addresses and subnets whose `X-Forwarded-For` is believed. */
  readonly trusted_proxies: readonly string[];
  /** TLS is in front: browsers are told to keep to it (HSTS). */
  readonly secure: boolean;
  /** How many streams may be open; the usual limits when absent. */
  readonly crowd?: CrowdLimits;
};

export type HttpServer = {
  /** Answers requests on a port that is bound already. */
  serve(bound: BoundPort): void;
  /** Binds and serves; answers the real port. */
  listen(host: string, port: number): Promise<number>;
  /** Accepts no more, lets what is under way finish within `within_ms` (10 s), then closes. */
  close(within_ms?: number): Promise<void>;
};

type Context = {
  readonly sites: Sites;
  readonly machine_dialect: Dialect;
  readonly log: Log;
  readonly address_of: AddressReader;
  readonly respond: Responder;
  readonly problem: ProblemWriter;
  readonly sockets: SocketServer;
  readonly nextId: () => string;
  closing: boolean;
};

/** @throws BootError when authorities, routes or proxies cannot be served together */
export function createHttpServer(options: HttpOptions): HttpServer {
  const context = contextOf(options);
  const ports: BoundPort[] = [];
  const listener: RequestListener = (message, reply) => handle(context, message, reply);
  const onParserError = parserErrorHandler({ ...context, site: context.sites.first });

  function serve(bound: BoundPort): void {
    ports.push(bound);
    bound.server.on('clientError', (error: ParserError, socket) => {
      onParserError(error, socket as Parameters<typeof onParserError>[1]);
    });
    replaceListeners(bound, { listener, upgrade: context.sockets.upgrade });
  }

  return {
    serve,
    async listen(host, port) {
      const bound = await bindPort(host, port);
      serve(bound);
      return bound.port;
    },
    async close(within_ms = 10_000) {
      context.closing = true;
      await Promise.all([
        context.sockets.close(within_ms),
        ...ports.map((bound) => closePort(bound, within_ms)),
      ]);
    },
  };
}

function contextOf(options: HttpOptions): Context {
  const { dialects, entropy, log } = options;
  const machine_dialect = dialects.find(({ routes }) => routes.some(({ role }) => role === 'api'));
  const fallback = machine_dialect ?? dialects[0];
  if (fallback === undefined) throw new Error('a server needs at least one dialect');
  const sites = sitesOf(options.authorities, dialects, options.dispatch);
  const parts = {
    sites,
    log,
    address_of: addressReader(options.trusted_proxies),
    problem: problemWriter(sites, fallback),
    // Random, not counted: pages show it, and a counter would tell how busy the server is.
    nextId: () => entropy.base62(10),
  };
  const sockets = createSocketServer({ ...parts, limits: options.crowd ?? CROWD_LIMITS });
  return {
    ...parts,
    machine_dialect: fallback,
    sockets,
    respond: responder(options.secure),
    closing: false,
  };
}

async function closePort({ server }: BoundPort, within_ms: number): Promise<void> {
  const late = setTimeout(() => server.closeAllConnections(), within_ms);
  const closed = once(server, 'close');
  server.close();
  await closed;
  clearTimeout(late);
}

/** One request on its way; the fields that become known later are set once. */
type Exchange = {
  readonly message: IncomingMessage;
  readonly reply: ServerResponse;
  readonly target: Target;
  readonly site: Site | undefined;
  readonly started: number;
  readonly request_id: string;
  readonly address: string;
};

function handle(context: Context, message: IncomingMessage, reply: ServerResponse): void {
  const target = readTarget(message);
  if (target.path === '/healthz') return answerHealth(context, message, reply);
  const exchange: Exchange = {
    message,
    reply,
    target,
    site: context.sites.find(target.host),
    started: performance.now(),
    request_id: context.nextId(),
    address: context.address_of(message),
  };
  if (target.problem !== null) return refuse(context, exchange, { status: target.problem });
  const { site } = exchange;
  if (site === undefined) return refuse(context, exchange, { status: 421 });
  const entry = site.routes.find(target.path);
  if (entry === undefined) {
    const stream = site.sockets.find(target.path);
    return refuse(context, exchange, plainProblem(stream, message.method ?? ''), stream?.owner);
  }
  answerEntry(context, { ...exchange, site }, entry);
}

type SitedExchange = Exchange & { readonly site: Site };

function answerEntry(context: Context, exchange: SitedExchange, entry: PathEntry): void {
  const { message } = exchange;
  const route = entry.by_method.get(message.method ?? '');
  if (route === undefined) {
    return refuse(context, exchange, { status: 405, allow: entry.methods }, entry.owner);
  }
  const served: Served = { owner: entry.owner, route };
  if (!hasBody(message)) return answerRoute(context, exchange, served, '');
  readBody(message, route.body_bytes_max, (body) => {
    if (body.is === 'body') return answerRoute(context, exchange, served, body.text);
    if (body.is === 'gone') return void exchange.reply.destroy();
    refuse(context, exchange, { status: 413 }, entry.owner);
  });
}

type Served = { readonly owner: Dialect; readonly route: Route };

function answerRoute(
  context: Context,
  exchange: SitedExchange,
  { owner, route }: Served,
  body: string,
): void {
  const { message, site, target, address, request_id } = exchange;
  const { path, query } = target;
  const parts = { path, query, body, address, request_id };
  const request = new IncomingRequest(message, site, parts);
  answerOrReject(() => route.answer(request, site.dispatch)).then(
    (response) => send(context, exchange, response, { dialect: route.dialect, route: route.id }),
  ).catch((error: unknown) => {
    const problem = faultProblem(context.log, error, request_id);
    if (exchange.reply.headersSent) return void exchange.reply.destroy();
    refuse(context, exchange, problem, owner);
  });
}

/** A codec that throws at once is the same fault as one that rejects. */
async function answerOrReject(answer: () => Promise<WireResponse>): Promise<WireResponse> {
  return answer();
}

/** Answers what no route does, in the form of the path's owner. */
function refuse(
  context: Context,
  exchange: Exchange,
  problem: HttpProblem,
  owner?: Dialect,
): void {
  const { response, dialect } = context.problem(problem, exchange, owner);
  send(context, exchange, response, { dialect, route: null });
}

/** What is not read to its end, or not trusted to be framed well, ends the connection. */
const CLOSING_STATUSES: ReadonlySet<number> = new Set([400, 413, 414, 431]);

function send(
  context: Context,
  exchange: Exchange,
  response: WireResponse,
  said_by: { readonly dialect: string; readonly route: string | null },
): void {
  const { message, reply, site, request_id, address, started } = exchange;
  const broken = said_by.route === null && CLOSING_STATUSES.has(response.status);
  context.respond(reply, response, { close: context.closing || broken });
  const method = message.method ?? '';
  const world = site?.world ?? null;
  logAccess(context.log, { request_id, world, ...said_by, method, address, started }, response);
}

const HEALTHY: WireResponse = {
  status: 200,
  headers: [['Content-Type', 'application/json']],
  body: '{"status":"ok"}',
};

const HEALTH_METHODS: WireResponse = {
  status: 405,
  headers: [['Allow', 'GET, HEAD'], ['Content-Type', 'application/json']],
  body: '{"error":"use GET"}',
};

/** For load balancers, which may name any host; no line in the log. */
function answerHealth(context: Context, { method }: IncomingMessage, reply: ServerResponse): void {
  const asked = method === 'GET' || method === 'HEAD';
  context.respond(reply, asked ? HEALTHY : HEALTH_METHODS, { close: context.closing });
}
