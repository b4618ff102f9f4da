/**
 * Passing operations on to the server behind us (contract §11): one connection of ours for each
 * socket of a client, made when it is first needed, bytes unchanged in both directions.
 */
import type { Upstream, UpstreamTarget, WireSocket } from '../../../core/sockets.ts';
import { CLOSE_FRAME, HEARTBEAT_FRAME, OPEN_FRAME, type Operation } from './frames.ts';

export type PassOn = {
  /** Says no with `refuse` when the server cannot be reached. */
  pass(target: UpstreamTarget, operation: Operation): void;
  heartbeat(): void;
  close(): void;
};

export type PassOnEvents = {
  /** A frame for the client. */
  readonly receive: (text: string) => void;
  /** The operation did not reach the server. */
  readonly refuse: (operation: Operation) => void;
  /** The server has gone, and with it what the client subscribed to. */
  readonly lost: () => void;
};

/** Operations that wait for the connection. */
const WAITING_MAX = 256;

/** Ours to say, to either side: the client has its own `o`, heartbeats and goodbye from us. */
const OWN_FRAMES: ReadonlySet<string> = new Set([OPEN_FRAME, HEARTBEAT_FRAME, CLOSE_FRAME, '[]']);

type Line = { upstream: Upstream | null; is_open: boolean; waiting: Operation[] };

export function createPassOn(socket: WireSocket, events: PassOnEvents): PassOn {
  let line: Line | null = null;
  let ended = false;

  function connect(target: UpstreamTarget): Line {
    const made: Line = { upstream: null, is_open: false, waiting: [] };
    made.upstream = socket.connect(target, {
      opened() {
        made.is_open = true;
        for (const { text } of made.waiting) made.upstream?.send(text);
        made.waiting = [];
      },
      receive(text) {
        if (!OWN_FRAMES.has(text)) events.receive(text);
      },
      closed() {
        if (line === made) line = null;
        if (ended) return;
        if (made.is_open) events.lost();
        else made.waiting.forEach((operation) => events.refuse(operation));
      },
    });
    return made;
  }

  return {
    pass(target, operation) {
      line ??= connect(target);
      if (line.is_open) line.upstream?.send(operation.text);
      else if (line.waiting.length < WAITING_MAX) line.waiting.push(operation);
      else events.refuse(operation);
    },
    heartbeat() {
      if (line?.is_open === true) line.upstream?.send('[]');
    },
    close() {
      ended = true;
      line?.upstream?.close();
      line = null;
    },
  };
}
