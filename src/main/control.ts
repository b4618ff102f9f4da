/**
 * The control listener of development: time, acts, records and settings for tests from outside.
 * Loopback only, with a token of its own; every act goes through the product's own flows.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MemoryMail } from '../adapters/memory-mail.ts';
import { checkOne } from '../config/load.ts';
import { answerAct } from './act-endpoint.ts';
import { type JsonAnswer, problem, readJson, sendJson } from './json-answer.ts';
import { seedServer } from './seed-server.ts';
import type { RunningServer } from './server.ts';
import { readTrail } from './trail.ts';

export type Control = {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
};

type Handler = (value: unknown, query: URLSearchParams) => JsonAnswer | Promise<JsonAnswer>;

export async function openControl(server: RunningServer, mail: MemoryMail): Promise<Control> {
  const token = randomBytes(24).toString('base64url');
  const handlers = handlersOf(server, mail);
  const listener = createServer((message, raw) => {
    void answer(message, handlers, token).then((one) => sendJson(raw, one));
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listener.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: () => new Promise((resolve) => {
      listener.close(() => resolve());
      listener.closeAllConnections();
    }),
  };
}

async function answer(
  message: IncomingMessage,
  handlers: ReadonlyMap<string, Handler>,
  token: string,
): Promise<JsonAnswer> {
  if (!bears(message, token)) return problem(401, 'send Authorization: Bearer <control token>');
  const url = new URL(message.url ?? '/', 'http://control');
  const handler = handlers.get(`${message.method} ${url.pathname}`);
  if (handler === undefined) {
    return problem(404, `use one of: ${[...handlers.keys()].join(', ')}`);
  }
  try {
    return await handler(await readJson(message), url.searchParams);
  } catch (error) {
    return problem(400, error instanceof Error ? error.message : 'unknown');
  }
}

function bears({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function handlersOf(server: RunningServer, mail: MemoryMail): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['GET /clock', () => clockAnswer(server)],
    ['POST /clock', (value) => setClock(server, value)],
    ['POST /seed', async (value) => ({ status: 200, body: await seedServer(server, value) })],
    ['POST /act', (value) => answerAct(server.worlds, value, '127.0.0.1')],
    ['POST /config', (value) => setConfig(server, value)],
    ['GET /audit', async (_, query) => await auditAnswer(server, query.get('world'))],
    ['GET /mail', () => ({ status: 200, body: { messages: mail.messages } })],
    ['GET /counts', () => ({ status: 200, body: countsOf(server) })],
  ]);
}

function clockAnswer({ clock }: RunningServer): JsonAnswer {
  const now = clock.now();
  return { status: 200, body: { now, iso: new Date(now).toISOString() } };
}

/** `{"set": ISO text or epoch ms}` or `{"advance_s": seconds}`; both worlds follow. */
function setClock(server: RunningServer, value: unknown): JsonAnswer {
  const { set, advance_s } = (value ?? {}) as { set?: unknown; advance_s?: unknown };
  if (typeof advance_s === 'number' && Number.isFinite(advance_s)) {
    server.clock.advance(advance_s * 1000);
    return clockAnswer(server);
  }
  const at = typeof set === 'string' ? Date.parse(set) : set;
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    return problem(400, 'send {"set": ISO text or epoch ms} or {"advance_s": seconds}');
  }
  server.clock.set(at);
  return clockAnswer(server);
}

const SWITCHABLE = [
  'token_type', 'refresh_echo', 'api_errors', 'read_implies_market', 'danger_limits_off',
] as const;

/** `{"tradier.token_type": "off", …}`: only keys that are read at each use. */
function setConfig(server: RunningServer, value: unknown): JsonAnswer {
  const entries = Object.entries((value ?? {}) as { [key: string]: unknown });
  for (const [key, given] of entries) {
    checkOne(key, given, 'POST /config');
    if (!SWITCHABLE.some((name) => key === `tradier.${name}`)) {
      return problem(400, `${key} needs a restart; switchable: tradier.{${SWITCHABLE.join(',')}}`);
    }
  }
  const changed = Object.fromEntries(
    entries.map(([key, given]) => [key.slice('tradier.'.length), given]),
  );
  Object.assign(server.tradier, changed);
  server.flow_settings.danger_limits_off = server.tradier.danger_limits_off;
  return { status: 200, body: server.tradier };
}

async function auditAnswer(server: RunningServer, name: string | null): Promise<JsonAnswer> {
  const world = server.worlds.find((one) => one.name === name);
  if (world === undefined) return problem(400, 'say ?world=live or ?world=paper');
  return { status: 200, body: { events: await readTrail(world.store) } };
}

/** Per world: password hashes, store calls, decisions. */
function countsOf({ worlds }: RunningServer): object {
  return Object.fromEntries(worlds.map(({ name, counts, passwords, flows }) => [
    name,
    { ...counts, ...passwords.counts, ...flows.deps.work.counts, store_reads: counts.reads },
  ]));
}
