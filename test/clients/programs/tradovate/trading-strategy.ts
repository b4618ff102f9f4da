/**
 * Behaves on the wire as the vendor's trading-strategy example: a whole number as key id, a digest
 * as device id, the bare token with id 0 once `o` came, and a first array frame that must be the
 * authorize answer. Environment: HTTP_URL, WS_URL, MD_URL, REPLAY_URL, USER, PASS, APP_ID, CID,
 * SEC, all read when they are needed.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { driven } from './driven.ts';

type Item = { readonly i?: number; readonly s?: number; readonly d?: unknown };
type Session = { readonly accessToken?: string; readonly mdAccessToken?: string };
type SocketName = 'market' | 'replay' | 'user';
type Open = { readonly ws: WebSocket; readonly frames: string[]; last_id: number };

const HEARTBEAT_MS = 2_500;

driven([], {
  login,
  accounts: async () => {
    const headers = { Authorization: `Bearer ${session.accessToken ?? ''}` };
    return (await axios.get(`${env('HTTP_URL')}/account/list`, { headers })).data;
  },
  connect: () =>
    Promise.all([
      connect('user', env('WS_URL'), session.accessToken ?? ''),
      connect('market', env('MD_URL'), session.mdAccessToken ?? ''),
      connect('replay', env('REPLAY_URL'), session.mdAccessToken ?? ''),
    ]),
  /** Connects the user socket with another token. */
  connectWith: ({ token }: { readonly token: string }) => connect('user', env('WS_URL'), token),
  request: ({ which, url, body }: Operation) => request(which, url, body),
  frames: ({ which }: { readonly which: SocketName }) => opened.get(which)?.frames,
});

type Operation = { readonly which: SocketName; readonly url: string; readonly body?: unknown };

// Axios as it came with a package that needs it; the example names it as its own.
const load = createRequire(createRequire(import.meta.url).resolve('tradovate'));
const axios = load('axios');
const opened = new Map<SocketName, Open>();
let session: Session = {};

function env(name: string): string {
  return process.env[name] ?? '';
}

async function login(): Promise<Session> {
  const machine = [process.platform, process.arch, env('USER')].join('');
  const body = {
    name: env('USER'),
    password: env('PASS'),
    appId: env('APP_ID'),
    appVersion: '1.0',
    deviceId: createHash('sha256').update(machine).digest('hex'),
    cid: Number.parseInt(env('CID'), 10),
    sec: env('SEC'),
  };
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const answer = await axios.post(`${env('HTTP_URL')}/auth/accessTokenRequest`, body, { headers });
  session = answer.data as Session;
  return session;
}

function connect(name: SocketName, url: string, token: string): Promise<void> {
  const ws = new WebSocket(url);
  const own: Open = { ws, frames: [], last_id: 0 };
  opened.set(name, own);
  return new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('message', (data: Buffer) => {
      const text = data.toString();
      own.frames.push(text);
      if (text.startsWith('o')) {
        ws.send(`authorize\n0\n\n${token}`);
        beat(ws);
      } else if (text.startsWith('a')) {
        // Only the first array frame decides; a promise that is settled stays as it is.
        const [first] = JSON.parse(text.slice(1)) as readonly Item[];
        if (first?.i === 0 && first.s === 200) resolve();
        else reject(new Error(`not authorized: ${text}`));
      }
    });
  });
}

function beat(ws: WebSocket): void {
  const timer = setInterval(() => ws.send('[]'), HEARTBEAT_MS);
  ws.on('close', () => clearInterval(timer));
}

/** What is absent is sent as the word that JavaScript writes for it. */
function request(name: SocketName, url: string, body: unknown): Promise<Item> {
  const own = opened.get(name);
  if (own === undefined) throw new Error(`${name} is not open`);
  const id = (own.last_id += 1);
  const query = undefined;
  own.ws.send(`${url}\n${id}\n${String(query)}\n${String(JSON.stringify(body))}`);
  return new Promise((resolve) => {
    own.ws.on('message', (data: Buffer) => {
      const text = data.toString();
      if (!text.startsWith('a')) return;
      const items = JSON.parse(text.slice(1)) as readonly Item[];
      const answer = items.find(({ i }) => i === id);
      if (answer !== undefined) resolve(answer);
    });
  });
}
