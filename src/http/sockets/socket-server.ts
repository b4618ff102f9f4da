/**
 * Streams of all listeners of a server: accepts them at the paths that a dialect speaks on, keeps
 * their time, and ends them with the server.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { Dispatch } from '../../core/commands.ts';
import type { HttpProblem } from '../../core/routes.ts';
import type { Log } from '../../ports/log.ts';
import { type Access, logAccess } from '../access-log.ts';
import type { Site, Sites } from '../authorities.ts';
import type { AddressReader } from '../client-address.ts';
import { faultProblem, spreadSeconds } from '../faults.ts';
import type { ProblemWriter } from '../problem.ts';
import { answerText } from '../raw-answer.ts';
import { type Target, readTarget } from '../target.ts';
import { type AcceptedSocket, acceptSocket } from './accepted-socket.ts';
import { type Crowd, type CrowdLimits, createCrowd } from './crowd.ts';
import { type UpgradeListener, judgeHandshake } from './handshake.ts';
import type { SocketEntry } from './socket-table.ts';

export type SocketServerParts = {
  readonly sites: Sites;
  readonly log: Log;
  readonly address_of: AddressReader;
  readonly problem: ProblemWriter;
  readonly nextId: () => string;
  readonly limits: CrowdLimits;
};

export type SocketServer = {
  readonly upgrade: UpgradeListener;
  /** Accepts no more, says so to everybody, and cuts who has not left within `within_ms`. */
  close(within_ms: number): Promise<void>;
};

const TICK_MS = 250;
/** How long a peer may take to answer our close before it is cut. */
const GOODBYE_MS = 1_000;

type Context = SocketServerParts & {
  readonly crowd: Crowd;
  readonly accepted: Set<AcceptedSocket>;
  /** One acceptor for each limit of frames. */
  readonly acceptors: Map<number, WebSocketServer>;
  /** Set while there is anybody whose time must be kept. */
  timer: NodeJS.Timeout | null;
  closing: boolean;
  empty: (() => void) | null;
};

export function createSocketServer(parts: SocketServerParts): SocketServer {
  const context: Context = {
    ...parts,
    crowd: createCrowd(parts.limits),
    accepted: new Set(),
    acceptors: new Map(),
    timer: null,
    closing: false,
    empty: null,
  };
  return {
    upgrade: (message, socket, head) => upgrade(context, { message, socket, head }),
    async close(within_ms) {
      context.closing = true;
      if (context.accepted.size === 0) return;
      const emptied = new Promise<void>((resolve) => (context.empty = resolve));
      for (const one of context.accepted) one.stop();
      const late = setTimeout(() => {
        for (const one of context.accepted) one.cut();
      }, within_ms);
      await emptied;
      clearTimeout(late);
    },
  };
}

type Arrival = {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  /** What the peer sent behind its request. */
  readonly head: Buffer;
};

type Known = Arrival & {
  readonly target: Target;
  readonly request_id: string;
  readonly address: string;
  readonly started: number;
};

function upgrade(context: Context, arrival: Arrival): void {
  const { message, socket } = arrival;
  // Node has taken its own listener away: an error of a connection must never be the process's.
  socket.on('error', () => undefined);
  const known: Known = {
    ...arrival,
    target: readTarget(message),
    request_id: context.nextId(),
    address: context.address_of(message),
    started: performance.now(),
  };
  const judged = judgeHandshake(message, known.target, context.sites);
  if (judged.is === 'refused') return refuse(context, known, judged);
  const { site, entry } = judged;
  if (context.closing || !context.crowd.hasRoom(known.address)) {
    const retry_after_s = spreadSeconds(known.request_id);
    return refuse(context, known, { site, entry, problem: { status: 503, retry_after_s } });
  }
  const acceptor = acceptorOf(context, entry);
  refusers.set(message, () =>
    refuse(context, known, { site, entry, problem: { status: 400 } }));
  acceptor.handleUpgrade(message, socket, arrival.head, (ws) => {
    accept(context, known, { ws, site, entry });
  });
}

/** The package has the option, its types do not yet. */
type TimedOptions = ServerOptions & { readonly closeTimeout: number };

/** What answers a request that only the library finds fault with, by its message. */
const refusers = new WeakMap<IncomingMessage, () => void>();

function acceptorOf({ acceptors }: Context, { route }: SocketEntry): WebSocketServer {
  const known = acceptors.get(route.frame_bytes_max);
  if (known !== undefined) return known;
  const options: TimedOptions = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: route.frame_bytes_max,
    closeTimeout: GOODBYE_MS,
  };
  const acceptor = new WebSocketServer(options);
  acceptor.on('wsClientError', (_error, socket, message) => {
    const answer = refusers.get(message);
    if (answer === undefined) socket.destroy();
    else answer();
  });
  acceptors.set(route.frame_bytes_max, acceptor);
  return acceptor;
}

type Refused = {
  readonly problem: HttpProblem;
  readonly site: Site | undefined;
  readonly entry: SocketEntry | undefined;
};

function refuse(context: Context, known: Known, { problem, site, entry }: Refused): void {
  const { response, dialect } = context.problem(problem, { ...known, site }, entry?.owner);
  const { socket } = known;
  socket.end(answerText(response.status, response), () => socket.destroy());
  logAccess(context.log, accessOf(known, site, { dialect, route: null }), response);
}

function accessOf(
  { request_id, address, started, message }: Known,
  site: Site | undefined,
  said_by: Pick<Access, 'dialect' | 'route'>,
): Access {
  const method = message.method ?? '';
  return { request_id, world: site?.world ?? null, ...said_by, method, address, started };
}

type Welcome = {
  readonly ws: WebSocket;
  readonly site: Site;
  readonly entry: SocketEntry;
};

function accept(context: Context, known: Known, { ws, site, entry }: Welcome): void {
  const { route, owner } = entry;
  const { request_id: id, address } = known;
  const { world, authority } = site;
  const access = accessOf(known, site, { dialect: owner.name, route: route.id });
  const place = context.crowd.admit(address, () => ws.terminate());
  const socket = acceptSocket({
    ws,
    facts: { id, world, authority, address },
    open: (wire) => route.open(wire, watched(context.log, site.dispatch), performance.now()),
    authorized: () => place.authorized(),
    fault: (error) => void faultProblem(context.log, error, id),
    closed(code) {
      place.left();
      context.accepted.delete(socket);
      restIfEmpty(context);
      const { started, ...fields } = access;
      const ms = Math.round(performance.now() - started);
      context.log.write('info', 'stream', { ...fields, outcome: 'closed', code, ms });
    },
  });
  context.accepted.add(socket);
  context.timer ??= setInterval(() => tickAll(context), TICK_MS);
  logAccess(context.log, access, {
    status: 101, headers: [], body: '', log: { outcome: 'opened' },
  });
}

/** A fault behind a conversation is logged where it happens: a dialect has no log. */
function watched(log: Log, dispatch: Dispatch): Dispatch {
  return async (name, command, context) => {
    try {
      return await dispatch(name, command, context);
    } catch (error) {
      faultProblem(log, error, context.request_id);
      throw error;
    }
  };
}

function tickAll({ accepted }: Context): void {
  const now_ms = performance.now();
  for (const one of accepted) one.tick(now_ms);
}

function restIfEmpty(context: Context): void {
  if (context.accepted.size > 0) return;
  if (context.timer !== null) clearInterval(context.timer);
  context.timer = null;
  context.empty?.();
}
