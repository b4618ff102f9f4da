/**
 * Streams: what crosses between the adapter, which owns WebSocket connections, and a dialect,
 * which speaks on them. Plain data and calls, no framework types.
 */
import type { Dispatch } from './commands.ts';
import type { HostRole } from './wire.ts';
import type { WorldName } from './world.ts';

/** One accepted connection. */
export type WireSocket = {
  /** Unique in the process; logged, and the name of the socket in commands. */
  readonly id: string;
  readonly world: WorldName;
  readonly authority: string;
  readonly address: string;
  /** Sends one text frame; nothing happens after the close. */
  send(text: string): void;
  /** The peer has proved who it is: it no longer counts among the strangers of its address. */
  authorized(): void;
  /** Ends the conversation in good order; the connection is cut when the peer does not follow. */
  close(code: number, reason: string): void;
  /** Connects to a server behind us, for what is not ours to answer. */
  connect(target: UpstreamTarget, events: UpstreamEvents): Upstream;
};

export type UpstreamTarget = {
  /** `ws:` or `wss:`, from the configuration. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`, so that the server can see for itself who it is. */
  readonly bearer: string;
};

/** What comes of a connection to a server behind us. */
export type UpstreamEvents = {
  opened(): void;
  /** A whole text frame of that server. */
  receive(text: string): void;
  /** Comes once, also when it never opened; nothing comes after it. */
  closed(): void;
};

export type Upstream = {
  send(text: string): void;
  close(): void;
};

/** One conversation over a connection. Calls come one after another. */
export type Conversation = {
  /** A whole text frame from the peer. */
  receive(text: string): void;
  /** Comes several times a second; `now_ms` is monotonic and means nothing else. */
  tick(now_ms: number): void;
  /** The server stops: say so and close. */
  stop(): void;
  /** The connection is gone, for whatever reason. */
  closed(): void;
};

/** A path at which connections are accepted; in the dialect's table beside its routes. */
export type SocketRoute = {
  readonly id: string;
  readonly dialect: string;
  readonly roles: readonly HostRole[];
  readonly path: string;
  readonly fold_case: boolean;
  readonly says: string;
  /** Longest frame taken from a peer; a longer one ends the connection. */
  readonly frame_bytes_max: number;
  readonly open: (socket: WireSocket, dispatch: Dispatch, now_ms: number) => Conversation;
};
