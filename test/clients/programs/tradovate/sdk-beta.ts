/**
 * Behaves on the wire as the SDK in beta: sign in at the live address, ask for the user's limits,
 * authorize both sockets as they open with the bare token and ids from 1, and, from a quarter of
 * an hour before expiry, renew every second until an answer is in. It then keeps the answer's
 * wrapper in place of its body, so its own REST calls are lost; its sockets must go on.
 */
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { driven } from './driven.ts';

type Item = { readonly i?: number; readonly s?: number; readonly d?: unknown };
type Session = {
  readonly accessToken?: string;
  readonly expirationTime?: string;
  readonly userId?: number;
};
type Addresses = {
  readonly live: string;
  readonly sim: string;
  readonly live_wss: string;
  readonly sim_wss: string;
};
type Operation = { readonly env: 'live' | 'sim'; readonly url: string; readonly body?: object };

const HEARTBEAT_MS = 2_500;
const BEFORE_EXPIRY_MS = 15 * 60 * 1_000;

driven(['Date', 'setInterval', 'setTimeout'], {
  initialize: ({ addresses, credentials }: Given) => initialize(addresses, credentials),
  send: ({ env, url, body }: Operation) => sockets.get(env)?.send(url, body ?? ''),
  /** A REST call with whatever it now takes for its token. */
  list: async () => (await get('/account/list')).data,
  renewals: async () => Promise.all(renewals),
  has_token: () => session.accessToken !== undefined,
  /** How often `o` came, and how the sockets ended, if they did. */
  sockets: () => [...sockets.values()].map(({ opened, closed }) => ({ opened, closed })),
  /** Once both sockets have heard two more heartbeats, or one has ended. */
  beats: () => Promise.all([...sockets.values()].map((own) => beats(own.ws, 2))),
  /** The close codes, once both have ended. */
  ended: () => Promise.all([...sockets.values()].map(({ ended }) => ended)),
});

type Given = { readonly addresses: Addresses; readonly credentials: object };

const load = createRequire(createRequire(import.meta.url).resolve('tradovate'));
const axios = load('axios');
const JSON_HEADERS = { Accept: 'application/json', 'Content-Type': 'application/json' };
const sockets = new Map<string, SdkSocket>();
const renewals: Promise<number>[] = [];
let live = '';
let session: Session = {};

async function initialize(addresses: Addresses, credentials: object): Promise<object> {
  live = addresses.live;
  const url = `${live}/auth/accessTokenRequest`;
  session = (await axios.post(url, credentials, { headers: JSON_HEADERS })).data as Session;
  const first = session;
  const { data: limits } = await get(`/userProperty/deps?masterid=${first.userId ?? ''}`);
  setInterval(renewNearExpiry, 1_000);
  const token = first.accessToken ?? '';
  sockets.set('sim', await openSocket(addresses.sim_wss, token));
  sockets.set('live', await openSocket(addresses.live_wss, token));
  return { session: first, limits };
}

/** Axios throws on every status but a good one. */
function get(path: string): Promise<{ readonly status: number; readonly data: unknown }> {
  const headers = { ...JSON_HEADERS, Authorization: `Bearer ${String(session.accessToken)}` };
  return axios.get(`${live}${path}`, { headers });
}

function renewNearExpiry(): void {
  const left_ms = new Date(session.expirationTime ?? '').getTime() - Date.now();
  // Once the wrapper is stored there is no time of expiry, and this is never true again.
  if (!(left_ms - BEFORE_EXPIRY_MS <= 0)) return;
  const renewing = get('/auth/renewAccessToken').then((answer) => {
    session = answer as Session;
    return answer.status;
  });
  renewals.push(renewing);
}

type SdkSocket = {
  readonly ws: WebSocket;
  readonly send: (url: string, body: object | string) => Promise<Item>;
  readonly ended: Promise<number>;
  opened: number;
  closed: number | null;
};

async function openSocket(url: string, token: string): Promise<SdkSocket> {
  const ws = new WebSocket(url);
  let last_id = 0;
  const send: SdkSocket['send'] = (operation, body) => {
    const id = (last_id += 1);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve) => {
      ws.on('message', (data: Buffer) => {
        const answer = read(data).find(({ i }) => i === id);
        if (answer !== undefined) resolve(answer);
      });
      ws.send(`${operation}\n${id}\n\n${text}`);
    });
  };
  const ended = new Promise<number>((resolve) => ws.on('close', resolve));
  const own: SdkSocket = { ws, send, ended, opened: 0, closed: null };
  const since = Date.now();
  ws.on('message', (data: Buffer) => {
    if (data.toString() === 'o') own.opened += 1;
    if (Date.now() - since > HEARTBEAT_MS) ws.send('[]');
  });
  ws.on('close', (code) => (own.closed = code));
  await new Promise<void>((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => {
      // It does not wait for the server's first word.
      void send('authorize', token).then(({ s }) => {
        if (s === 200) resolve();
        else reject(new Error(`WebSocket authorization failed: ${s ?? ''}`));
      });
    });
  });
  return own;
}

function beats(ws: WebSocket, count: number): Promise<void> {
  let heard = 0;
  return new Promise((resolve) => {
    ws.on('close', () => resolve());
    ws.on('message', (data: Buffer) => {
      if (data.toString() === 'h' && (heard += 1) === count) resolve();
    });
  });
}

function read(data: Buffer): readonly Item[] {
  const text = data.toString();
  return text.length > 1 ? (JSON.parse(text.slice(1)) as readonly Item[]) : [];
}
