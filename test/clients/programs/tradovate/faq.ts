/**
 * Behaves on the wire as the vendor's FAQ samples, which run in a browser: a plain fetch whose
 * status nobody looks at, the token as a JSON string with id 0, heartbeats only when spoken to,
 * and errors that are overlooked when their id is 0.
 */
import { WebSocket } from 'node:http';
import { driven } from './driven.ts';

type Item = { readonly i?: number; readonly s?: number; readonly d?: unknown };
type Operation = { readonly url: string; readonly query?: string; readonly body?: unknown };

const HEARTBEAT_MS = 2_500;

driven([], {
  login: async ({ base, credentials }: { readonly base: string; readonly credentials: object }) => {
    const answer = await fetch(`${base}/auth/accesstokenrequest`, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: JSON.stringify(credentials),
    });
    return answer.json();
  },
  get: async ({ address, token }: { readonly address: string; readonly token: string }) => {
    const headers = {
      Authorization: `Bearer ${token}`,
      Accept: 'application/json',
      'Content-Type': 'application/json',
    };
    return (await fetch(address, { method: 'GET', headers })).json();
  },
  connect: ({ url, token }: { readonly url: string; readonly token: string }) =>
    connect(url, token),
  send: (operation: Operation) => send(operation),
  /** How the socket ended, and whether the client had noticed anything before. */
  ended: () => ended,
  frames: () => frames,
});

const frames: string[] = [];
let socket: WebSocket;
let last_id = -1;
let ended: Promise<{ readonly code: number; readonly connected: boolean }>;

async function connect(url: string, token: string): Promise<void> {
  let connected = false;
  socket = new WebSocket(url);
  ended = new Promise((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve({ code, connected }));
  });
  let last_beat = Date.now();
  socket.addEventListener('message', ({ data }) => {
    frames.push(String(data));
    if (Date.now() - last_beat < HEARTBEAT_MS) return;
    socket.send('[]');
    last_beat = Date.now();
  });
  await opened();
  await send({ url: 'authorize', body: token });
  connected = true;
}

function opened(): Promise<void> {
  return new Promise((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      if (String(data).startsWith('o')) resolve();
    });
  });
}

function send({ url, query = '', body }: Operation): Promise<Item> {
  const id = (last_id += 1);
  return new Promise((resolve, reject) => {
    const read = ({ data }: { readonly data: unknown }): void => {
      const text = String(data);
      const items = text.length > 1 ? (JSON.parse(text.slice(1)) as readonly Item[]) : [];
      for (const item of items) {
        if (item.s === 200 && item.i === id) {
          socket.removeEventListener('message', read);
          resolve(item);
        } else if (item.s && item.i && item.i === id) {
          socket.removeEventListener('message', read);
          reject(new Error(`${url}: ${item.s} ${String(item.d)}`));
        }
      }
    };
    socket.addEventListener('message', read);
    socket.send(`${url}\n${id}\n${query}\n${String(JSON.stringify(body))}`);
  });
}
