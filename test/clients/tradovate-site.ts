/**
 * What the tests of Tradovate clients need: a server with customers and a partner's API key, apps
 * registered while it runs, and the client programs as processes of their own that a test drives.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { call } from '../outside/call.ts';
import type { Answer } from '../outside/call.ts';
import { CUSTOMERS } from '../outside/fixtures.ts';
import type { Customer, WorldSite } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import { startServer } from '../world.ts';
import type { Server, ServerOptions } from '../world.ts';

/** The partner's API key: any customer may sign in with it. */
export const KEY = {
  cid: 8,
  sec: 'demo-key-secret-of-cid-8-0123456789abcdefghij',
  app_id: 'AutoTrade',
} as const;

/** Seconds that a session's token lives, and those that one penalty takes at first. */
export const TOKEN_S = 4_800;
export const PENALTY_S = 15;

const CLIENTS = [CUSTOMERS.alice, CUSTOMERS.bob] as const;

/** A development server whose example resources answer, as the SDKs expect of a brokerage. */
export function startTradovate(set: ServerOptions['set'] = {}): Promise<Server> {
  return startServer({ seed: seed(), set: { 'tradovate.example_resources': true, ...set } });
}

function seed(): object {
  const { customers } = seedRecords([], CLIENTS) as { readonly customers: readonly object[] };
  return {
    customers: customers.map((record, at) => ({
      ...record,
      email: emailOf(CLIENTS[at] ?? CUSTOMERS.alice),
      email_verified: true,
      is_trial: false,
      market_data: true,
    })),
    apps: [],
    api_keys: [{ ...KEY, owner: 'partner' }],
  };
}

export function emailOf({ login_name }: Customer): string {
  return `${login_name}@example.com`;
}

/** What a program is given to sign a customer in; `changes` replace or add members. */
export function credentials(customer: Customer, changes: object = {}): object {
  return {
    name: customer.login_name,
    password: customer.password,
    appId: KEY.app_id,
    appVersion: '1.0',
    cid: KEY.cid,
    sec: KEY.sec,
    ...changes,
  };
}

/** What a login answers, as its documented members are used here. */
export type Session = {
  readonly accessToken: string;
  readonly mdAccessToken: string;
  readonly expirationTime: string;
  readonly userId: number;
  readonly name: string;
};

/** A login answer is one: its tokens, and nothing that a client would read as a failure. */
export function assertSession(session: Session, customer: Customer): void {
  assert.match(session.accessToken, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(session.mdAccessToken, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(session.expirationTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(Number.isSafeInteger(session.userId), true);
  assert.equal(session.name, customer.login_name);
  const bad = Object.keys(session).filter((name) => /^p-|^errorText$|^error$/.test(name));
  assert.deepEqual(bad, []);
}

/** Signs a customer in without any client; `changes` replace members of the body. */
export function logIn(world: WorldSite, customer: Customer, changes = {}): Promise<Answer> {
  return call(world.origin, {
    method: 'POST',
    path: '/auth/accesstokenrequest',
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify(credentials(customer, { deviceId: 'demo-device', ...changes })),
  });
}

/** GET with a Bearer token. */
export function getWith(world: WorldSite, path: string, token: string): Promise<Answer> {
  return call(world.origin, { path, headers: [['Authorization', `Bearer ${token}`]] });
}

/** The secret that an OAuth app with this id is registered with. */
export function oauthSecret(id: string): string {
  return `demo-secret-of-client-${id}-0123456789abcdefghij`;
}

/** Registers an OAuth app with this callback in the running server. */
export async function addOAuthApp(
  server: Server,
  id: string,
  redirect_uri: string,
): Promise<void> {
  const app = {
    dialect: 'tradovate',
    id,
    secret: oauthSecret(id),
    name: `Demo app ${id}`,
    redirect_uris: [redirect_uri],
    scopes: ['Users:Read', 'Positions:Read', 'Orders:FullAccess'],
    worlds: ['live', 'paper'],
    authentication: 'client_secret',
    response_iss: false,
    status: 'approved',
  };
  const { status, body } = await server.control.seed({ customers: [], apps: [app] });
  if (status >= 300) throw new Error(`seed: ${status} ${JSON.stringify(body)}`);
}

/** The WebSocket address of a world. */
export function socketUrl(world: WorldSite): string {
  return `${world.origin.replace(/^http/, 'ws')}/v1/websocket`;
}

/** A client program in a process of its own. */
export type Program = {
  /** Has it do one of its acts; rejects with its words when that fails or when it ends. */
  readonly ask: <T>(act: string, args?: object) => Promise<T>;
  /** Resolves when it has written this to stdout or stderr. */
  readonly says: (text: string) => Promise<void>;
  /** All that it has written so far. */
  readonly wrote: () => string;
  readonly end: () => Promise<void>;
};

type Reply = { readonly id: number; readonly value?: unknown; readonly error?: string };
type Waiting = { readonly settle: (reply: Reply) => void };

const ACT_MS = 20_000;

/** Starts a program of this folder by its name relative to it, such as './programs/…'. */
export function startProgram(
  file: string,
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Program {
  const child = fork(join(import.meta.dirname, file), [], {
    silent: true,
    execArgv: [],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let written = '';
  const waiting = new Map<number, Waiting>();
  // All that it wrote is read before it counts as ended: its last words tell why.
  const read = [child.stdout, child.stderr].map((stream) => {
    stream?.on('data', (part: Buffer) => {
      written += part.toString();
      child.emit('wrote');
    });
    return stream === null ? undefined : once(stream, 'end');
  });
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.settle(reply));
  const ended = Promise.all([once(child, 'exit'), ...read]).then(([[code]]) => {
    const error = `${file} ended with ${String(code)}\n${written}`;
    for (const [id, { settle }] of waiting) settle({ id, error });
  });
  return {
    ask: (act, args = {}) => ask(child, waiting, { act, args }),
    says: (text) => heard(child, () => written.includes(text), text),
    wrote: () => written,
    end: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function ask<T>(
  child: ChildProcess,
  waiting: Map<number, Waiting>,
  what: { readonly act: string; readonly args: object },
): Promise<T> {
  const id = (asked += 1);
  return new Promise<T>((resolve, reject) => {
    const late = (): void => settle({ id, error: `${what.act} was not done in time` });
    const timer = setTimeout(late, ACT_MS);
    const settle = ({ value, error }: Reply): void => {
      clearTimeout(timer);
      waiting.delete(id);
      if (error === undefined) resolve(value as T);
      else reject(new Error(error));
    };
    waiting.set(id, { settle });
    if (child.connected) child.send({ id, ...what });
    else settle({ id, error: `the program has ended: ${what.act} was not done` });
  });
}

let asked = 0;

async function heard(child: ChildProcess, is: () => boolean, text: string): Promise<void> {
  const late = AbortSignal.timeout(ACT_MS);
  while (!is()) {
    await once(child, 'wrote', { signal: late }).catch(() => {
      throw new Error(`the program never said "${text}"`);
    });
  }
}

/** Moves the server's clock and the program's together, as the time of day does. */
export async function pass(server: Server, program: Program, seconds: number): Promise<void> {
  await server.control.advance(seconds);
  await program.ask('tick', { ms: seconds * 1000 });
}

const load = createRequire(import.meta.url);

/** Why a test cannot run, or false: the packages its program is made of must be installed. */
export function skipWithout(what: string, packages: readonly string[]): string | false {
  const missing = packages.filter((name) => {
    try {
      load.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  return missing.length === 0 ? false : `${what}: ${missing.join(', ')} not installed here`;
}
