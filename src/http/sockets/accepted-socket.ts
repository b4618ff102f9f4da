/** One accepted connection: the wire under a conversation, with its bounds. */
import { WebSocket } from 'ws';
import type { Conversation, WireSocket } from '../../core/sockets.ts';
import { connectUpstream } from './upstream.ts';

/** A peer that takes nothing from us is cut: what it does not read would eat memory (DS-03). */
const BUFFERED_BYTES_MAX = 1_048_576;

/** Close codes of RFC 6455 §7.4.1. */
const CLOSE = { going_away: 1001, unsupported_data: 1003, fault: 1011 } as const;

export type AcceptedSocket = {
  tick(now_ms: number): void;
  /** Says that the server stops, and closes whatever the conversation left open. */
  stop(): void;
  /** Cuts the connection. */
  cut(): void;
};

export type Accepting = {
  readonly ws: WebSocket;
  /** Who it is, without the calls that the connection answers itself. */
  readonly facts: Pick<WireSocket, 'id' | 'world' | 'authority' | 'address'>;
  /** Begins the conversation; called once. */
  readonly open: (socket: WireSocket) => Conversation;
  readonly authorized: () => void;
  /** The conversation threw. */
  readonly fault: (error: unknown) => void;
  /** The connection is gone; `code` is 1006 when nobody said goodbye. */
  readonly closed: (code: number) => void;
};

/** Takes over a connection whose handshake is done. */
export function acceptSocket(accepting: Accepting): AcceptedSocket {
  const { ws, facts } = accepting;
  const wire: WireSocket = {
    ...facts,
    send(text) {
      if (ws.readyState !== WebSocket.OPEN) return;
      if (ws.bufferedAmount > BUFFERED_BYTES_MAX) return ws.terminate();
      ws.send(text);
    },
    authorized: accepting.authorized,
    // The server's own time limit cuts the connection when the peer does not answer.
    close: (code, reason) => ws.close(code, reason),
    connect: connectUpstream,
  };

  /** A conversation that throws ends, and with it nothing else. */
  function guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      accepting.fault(error);
      ws.close(CLOSE.fault);
    }
  }

  const conversation = accepting.open(wire);
  ws.on('message', (data: Buffer, is_binary: boolean) => {
    // What arrives behind a goodbye of ours has nobody to hear it.
    if (ws.readyState !== WebSocket.OPEN) return;
    if (is_binary) return ws.close(CLOSE.unsupported_data);
    guard(() => conversation.receive(data.toString('utf8')));
  });
  // Frames that are too long or not UTF-8: the library has closed with 1009 or 1007 by itself.
  ws.on('error', () => undefined);
  ws.on('close', (code: number) => {
    guard(() => conversation.closed());
    accepting.closed(code);
  });
  return {
    tick: (now_ms) => guard(() => conversation.tick(now_ms)),
    stop() {
      guard(() => conversation.stop());
      ws.close(CLOSE.going_away);
    },
    cut: () => ws.terminate(),
  };
}
