/** A WebSocket client for tests: what was received, waiting for it, and how it ended. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { type ClientOptions, WebSocket } from 'ws';

export type Peer = {
  /** Every text frame so far, in order. */
  readonly frames: readonly string[];
  send(text: string): void;
  /** The first frame, from `frames[from]` on, that matches; waits for it. */
  frame(matches: (text: string) => boolean, from?: number): Promise<string>;
  /** How the connection ended. */
  readonly ended: Promise<Ended>;
  close(): void;
  readonly ws: WebSocket;
};

export type Ended = { readonly code: number; readonly reason: string };

export type Connecting = ClientOptions & {
  /** Sent the moment the connection is open, before anything was read. */
  readonly first?: readonly string[];
};

const WAIT_MS = 5_000;

/** Connects; rejects with the status when the server refuses. */
export async function connectSocket(url: string, options: Connecting = {}): Promise<Peer> {
  const { first = [], ...more } = options;
  const ws = new WebSocket(url, more);
  const frames: string[] = [];
  const watchers = new Set<() => void>();
  const ended = new Promise<Ended>((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  ws.on('message', (data: Buffer) => {
    frames.push(data.toString());
    for (const look of watchers) look();
  });
  ws.on('unexpected-response', (_request, { statusCode }) => {
    ws.emit('error', new Error(`refused with ${statusCode}`));
    ws.terminate();
  });
  ws.on('open', () => first.forEach((text) => ws.send(text)));
  await once(ws, 'open');
  ws.on('error', () => undefined);
  return {
    frames,
    ended,
    ws,
    send: (text) => ws.send(text),
    close: () => ws.close(),
    frame: (matches, from = 0) => new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        watchers.delete(look);
        reject(new Error(`no such frame; received: ${JSON.stringify(frames.slice(-20))}`));
      }, WAIT_MS);
      const look = (): void => {
        const found = frames.slice(from).find(matches);
        if (found === undefined) return;
        clearTimeout(late);
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    }),
  };
}

export type RefusedSocket = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** The plain answer to a request for a stream; throws when it is accepted. */
export async function refusedSocket(
  url: string,
  options: ClientOptions = {},
): Promise<RefusedSocket> {
  const ws = new WebSocket(url, options);
  const answer = new Promise<RefusedSocket>((resolve, reject) => {
    ws.on('open', () => reject(new Error('the server accepted the connection')));
    ws.on('unexpected-response', (_request, response) => {
      const { statusCode: status = 0, headers } = response;
      readText(response).then((body) => resolve({ status, headers, body }), reject);
    });
    ws.on('error', reject);
  });
  return answer.finally(() => {
    ws.removeAllListeners('error');
    ws.on('error', () => undefined);
    ws.terminate();
  });
}
