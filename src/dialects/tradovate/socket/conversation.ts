/**
 * One conversation over a socket (contract §11): `o`, then nothing but heartbeats until somebody
 * has authorized; then operations, answered one after another in the order they came.
 */
import type { CommandContext, Dispatch, SocketState } from '../../../core/commands.ts';
import type { Refusal } from '../../../core/rules/refusals.ts';
import type { Conversation, WireSocket } from '../../../core/sockets.ts';
import type { SocketOptions } from './answers.ts';
import {
  CLOSE_FRAME, type ClientFrame, HEARTBEAT_FRAME, OPEN_FRAME, type Operation, type Reply,
  type ShutdownCode, answerFrame, readFrame, readToken, shutdownFrame,
} from './frames.ts';
import { ACCESS_DENIED, type Scene, UNAVAILABLE, handleOperation } from './operations.ts';
import { type PassOn, createPassOn } from './pass-on.ts';

const HEARTBEAT_MS = 2_500;
const SILENCE_MS = 30_000;
const WATCH_MS = 2_000;
/** A binding that could not be looked at for so long is taken for ended: never allowed on trust. */
const UNWATCHED_MS = 10_000;
/** Between two ticks; a tick comes several times a second. */
const FROZEN_MS = 5_000;
/** Frames that wait for an answer before them; a peer with more is not waiting for answers. */
const WAITING_MAX = 256;
const WAITING_CHARACTERS_MAX = 1_048_576;

const CLOSE = { done: 1000, going_away: 1001, policy: 1008, try_again: 1013 } as const;

const AUTHORIZED: Reply = { s: 200 };
const INVALID_TOKEN: Reply = { s: 401, d: 'Invalid access token' };

type Goodbye = { readonly code: ShutdownCode; readonly reason: string };

const SERVER_STOPS: Goodbye = {
  code: 'Maintenance', reason: 'The server is stopping. Please connect again.',
};
const UPSTREAM_LOST: Goodbye = {
  code: 'Maintenance', reason: 'The service behind this connection has gone. Please connect again.',
};
const UNWATCHED: Goodbye = {
  code: 'Maintenance', reason: 'The session cannot be checked now. Please connect again.',
};

/** Why a stream must end, in the words that clients know. */
const GOODBYES: { readonly [S in Exclude<SocketState, 'open'>]: Goodbye } = {
  session_evicted: {
    code: 'ConnectionQuotaReached', reason: 'A newer sign-in has closed this session.',
  },
  sockets_full: {
    code: 'ConnectionQuotaReached', reason: 'Too many connections: the oldest was closed.',
  },
  addresses_full: {
    code: 'IPQuotaReached', reason: 'Connections from too many addresses: the oldest was closed.',
  },
  ended: { code: 'Maintenance', reason: 'The session or its token has ended or expired.' },
};

type Talk = {
  readonly socket: WireSocket;
  readonly scene: Scene;
  readonly pass_on: PassOn;
  state: 'stranger' | 'authorized' | 'over';
  /** The token that the socket speaks for, for the server behind us. */
  token: string;
  /** Frames that wait for the answers before theirs. */
  waiting: { readonly frame: ClientFrame; readonly size: number }[];
  waiting_characters: number;
  busy: boolean;
  /** A binding may stand in the registry. */
  bound: boolean;
  gone: boolean;
  now: number;
  heard: boolean;
  heard_at: number;
  beat_at: number;
  watch_at: number;
  watching: boolean;
  /** When the binding was last known to be good. */
  good_at: number;
};

/** Begins a conversation: its first frame is on its way when this returns. */
export function converse(
  options: SocketOptions,
  socket: WireSocket,
  dispatch: Dispatch,
  now_ms: number,
): Conversation {
  const talk: Talk = {
    socket,
    scene: { options, socket: socket.id, dispatch, context: contexts(socket) },
    pass_on: createPassOn(socket, {
      receive: (text) => say(talk, text),
      refuse: ({ id }) => reply(talk, id, UNAVAILABLE),
      lost: () => shutDown(talk, UPSTREAM_LOST, CLOSE.going_away),
    }),
    state: 'stranger',
    token: '',
    waiting: [],
    waiting_characters: 0,
    busy: false,
    bound: false,
    gone: false,
    now: now_ms,
    heard: false,
    heard_at: now_ms,
    beat_at: now_ms + HEARTBEAT_MS,
    watch_at: Infinity,
    watching: false,
    good_at: Infinity,
  };
  say(talk, OPEN_FRAME);
  return {
    receive: (text) => receive(talk, text),
    tick: (at_ms) => tick(talk, at_ms),
    stop: () => shutDown(talk, SERVER_STOPS, CLOSE.going_away),
    closed: () => leave(talk),
  };
}

/** One id a command, all beginning with the socket's. */
function contexts({ id, address }: WireSocket): () => CommandContext {
  let commands = 0;
  return () => {
    commands += 1;
    return { address, request_id: `${id}.${commands}` };
  };
}

function receive(talk: Talk, text: string): void {
  if (talk.state === 'over') return;
  talk.heard = true;
  const frame = readFrame(text);
  if (frame.is === 'heartbeat') return;
  talk.waiting.push({ frame, size: text.length });
  talk.waiting_characters += text.length;
  const { waiting, waiting_characters } = talk;
  if (waiting.length > WAITING_MAX || waiting_characters > WAITING_CHARACTERS_MAX) {
    return end(talk, CLOSE.policy, 'too many operations at once');
  }
  void answerWaiting(talk);
}

/** In order, one after another: an order must not overtake the one before it. */
async function answerWaiting(talk: Talk): Promise<void> {
  if (talk.busy) return;
  talk.busy = true;
  for (let next = talk.waiting.shift(); next !== undefined; next = talk.waiting.shift()) {
    talk.waiting_characters -= next.size;
    await answerFrameOf(talk, next.frame);
  }
  talk.busy = false;
  if (talk.gone) leave(talk);
}

async function answerFrameOf(talk: Talk, frame: ClientFrame): Promise<void> {
  if (frame.is === 'heartbeat') return;
  if (frame.is === 'malformed') return reply(talk, frame.id, { s: 400, d: frame.says });
  if (frame.name === 'authorize') return authorize(talk, frame);
  if (talk.state === 'stranger') return reply(talk, frame.id, ACCESS_DENIED);
  try {
    const handled = await handleOperation(talk.scene, frame);
    if (handled.is === 'answered') return reply(talk, frame.id, handled.reply);
    if (handled.is === 'evicted') return shutDown(talk, GOODBYES.session_evicted, CLOSE.policy);
    const { url } = handled;
    if (talk.state === 'authorized') talk.pass_on.pass({ url, bearer: talk.token }, frame);
  } catch {
    // The adapter has logged it, with the id of the command.
    reply(talk, frame.id, UNAVAILABLE);
  }
}

/** A second one rebinds the socket; one that fails changes nothing. */
async function authorize(talk: Talk, { id, body }: Operation): Promise<void> {
  const { options, socket, dispatch, context } = talk.scene;
  const first = talk.state === 'stranger';
  const bearer = readToken(body);
  talk.bound = true;
  const answer = await dispatch(
    'open_socket', { profile: options.profile(), socket, bearer }, context(),
  ).then((result) => (result.ok ? AUTHORIZED : refusalOf(result.refusal)), () => UNAVAILABLE);
  if (talk.state === 'over') return;
  if (answer === AUTHORIZED) {
    talk.token = bearer ?? '';
    becomeKnown(talk);
  }
  reply(talk, id, answer);
  if (answer === AUTHORIZED || !first) return;
  // Clients overlook errors with id 0 and would wait for ever: the end tells them (§11).
  if (answer === INVALID_TOKEN) end(talk, CLOSE.policy, 'invalid access token');
  else end(talk, CLOSE.try_again, 'try again later');
}

function becomeKnown(talk: Talk): void {
  if (talk.state === 'authorized') return;
  talk.state = 'authorized';
  talk.good_at = talk.now;
  talk.watch_at = talk.now + WATCH_MS;
  talk.socket.authorized();
}

/** Expired, revoked, evicted and foreign tokens are told the same. */
function refusalOf({ code }: Refusal): Reply {
  if (code === 'quota_exceeded') return { s: 429 };
  return code === 'overloaded' ? UNAVAILABLE : INVALID_TOKEN;
}

function tick(talk: Talk, now_ms: number): void {
  if (talk.state === 'over') return;
  const stood_still = now_ms - talk.now;
  talk.now = now_ms;
  // A process that stood still heard nothing: that is no silence of its peers.
  if (stood_still > FROZEN_MS) {
    talk.heard_at += stood_still;
    talk.good_at += stood_still;
  }
  if (talk.heard) {
    talk.heard = false;
    talk.heard_at = now_ms;
  }
  if (now_ms - talk.heard_at >= SILENCE_MS) return end(talk, CLOSE.done, 'nothing was heard');
  if (now_ms >= talk.beat_at) {
    talk.beat_at = now_ms + HEARTBEAT_MS;
    say(talk, HEARTBEAT_FRAME);
    talk.pass_on.heartbeat();
  }
  if (now_ms - talk.good_at >= UNWATCHED_MS) return shutDown(talk, UNWATCHED, CLOSE.try_again);
  if (now_ms >= talk.watch_at && !talk.watching) void watch(talk);
}

/** Is what the socket speaks for still good? */
async function watch(talk: Talk): Promise<void> {
  const { socket, dispatch, context } = talk.scene;
  talk.watching = true;
  const asked_at = talk.now;
  const state = await dispatch('watch_socket', { socket }, context()).then(
    (result) => (result.ok ? result.value.state : null),
    () => null,
  );
  talk.watching = false;
  talk.watch_at = asked_at + WATCH_MS;
  if (state === 'open') talk.good_at = asked_at;
  else if (state !== null) shutDown(talk, GOODBYES[state], CLOSE.policy);
}

function say({ state, socket }: Talk, text: string): void {
  if (state !== 'over') socket.send(text);
}

function reply(talk: Talk, id: number, answer: Reply): void {
  say(talk, answerFrame(id, answer));
}

function shutDown(talk: Talk, { code, reason }: Goodbye, close: number): void {
  // Before the answer to `authorize` there is no frame that clients could read.
  if (talk.state === 'authorized') say(talk, shutdownFrame(code, reason));
  end(talk, close, 'shutdown');
}

function end(talk: Talk, code: number, reason: string): void {
  if (talk.state === 'over') return;
  say(talk, CLOSE_FRAME);
  talk.state = 'over';
  talk.waiting = [];
  talk.pass_on.close();
  talk.socket.close(code, reason);
}

/** The connection is gone: what it bound is given back, once nothing of it is under way. */
function leave(talk: Talk): void {
  talk.gone = true;
  talk.state = 'over';
  talk.waiting = [];
  talk.pass_on.close();
  if (talk.busy || !talk.bound) return;
  talk.bound = false;
  const { socket, dispatch, context } = talk.scene;
  // A fault here has been logged; the registry's own bounds outlive it.
  dispatch('close_socket', { socket }, context()).catch(() => undefined);
}
