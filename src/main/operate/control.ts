/**
 * The control listener of development: time, acts, records and settings for tests from outside.
 * Loopback only, with a token of its own; every act goes through the product's own flows.
 */
import { timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { poolEntropy } from '../../adapters/pool-entropy.ts';
import type { MemoryMail } from '../../adapters/memory-mail.ts';
import type { SettableClock } from '../../adapters/system-clock.ts';
import { checkOne } from '../../config/load.ts';
import { SWITCHABLE_KEYS, limitsOff, switchSetting } from '../dialects.ts';
import { answerAct } from './act-endpoint.ts';
import { type JsonAnswer, problem, readJson, sendJson } from './json-answer.ts';
import { judgeSeed, seedServer } from './seed-server.ts';
import { recordServerEvent } from '../../flows/manage/server-event.ts';
import type { Log } from '../../ports/log.ts';
import type { RunningServer } from '../server.ts';
import { readTrail } from './trail.ts';

export type Control = {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
};

const TOKEN_CHARS = 43;

type Handler = (value: unknown, query: URLSearchParams) => JsonAnswer | Promise<JsonAnswer>;

export async function openControl(server: RunningServer, mail: MemoryMail): Promise<Control> {
  const { settable_clock } = server;
  if (settable_clock === null) throw new Error('the control listener is for development alone');
  const token = poolEntropy().base62(TOKEN_CHARS);
  const handlers = handlersOf(server, settable_clock, mail);
  const listener = createServer((message, raw) => {
    void answer(message, { handlers, token, log: server.log }).then((one) => sendJson(raw, one));
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

type Listening = {
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly token: string;
  readonly log: Log;
};

async function answer(
  message: IncomingMessage,
  { handlers, token, log }: Listening,
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
    const reason = error instanceof Error ? error.message : 'unknown';
    if (error instanceof Error && CALLERS_FAULTS.includes(error.name)) return problem(400, reason);
    log.write('error', 'control failed', { reason });
    return problem(500, reason);
  }
}

/** What was sent is wrong; anything else is a fault of ours. */
const CALLERS_FAULTS: readonly string[] = ['BootError', 'ConfigError', 'SyntaxError', 'RangeError'];

function bears({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function handlersOf(
  server: RunningServer,
  clock: SettableClock,
  mail: MemoryMail,
): ReadonlyMap<string, Handler> {
  return new Map<string, Handler>([
    ['GET /clock', () => clockAnswer(clock)],
    ['POST /clock', (value) => setClock(clock, value)],
    ['POST /seed', async (value) => {
      const seed = judgeSeed(value);
      const made = await seedServer(server.worlds, seed);
      server.lifetimes.set(seed.lifetimes ?? {});
      return { status: 200, body: made };
    }],
    ['POST /act', (value) => answerAct(server.worlds, value, '127.0.0.1')],
    ['POST /config', (value) => setConfig(server, value)],
    ['GET /audit', async (_, query) => await auditAnswer(server, query.get('world'))],
    ['GET /mail', () => ({ status: 200, body: { messages: mail.messages } })],
    ['GET /counts', () => ({ status: 200, body: countsOf(server) })],
  ]);
}

function clockAnswer(clock: SettableClock): JsonAnswer {
  const now = clock.now();
  return { status: 200, body: { now, iso: new Date(now).toISOString() } };
}

/** `{"set": ISO text or epoch ms}` or `{"advance_s": seconds}`; both worlds follow. */
function setClock(clock: SettableClock, value: unknown): JsonAnswer {
  const { set, advance_s } = (value ?? {}) as { set?: unknown; advance_s?: unknown };
  if (typeof advance_s === 'number' && Number.isFinite(advance_s)) {
    clock.advance(advance_s * 1000);
    return clockAnswer(clock);
  }
  const at = typeof set === 'string' ? Date.parse(set) : set;
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    return problem(400, 'send {"set": ISO text or epoch ms} or {"advance_s": seconds}');
  }
  clock.set(at);
  return clockAnswer(clock);
}

/** `{"tradier.token_type": "off", …}`: only keys that are read at each use. */
async function setConfig(server: RunningServer, value: unknown): Promise<JsonAnswer> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return problem(400, 'send {"key": value, …}');
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  for (const [key, given] of entries) {
    checkOne(key, given, 'POST /config');
    if (!SWITCHABLE_KEYS.includes(key)) {
      return problem(400, `${key} needs a restart; switchable: ${SWITCHABLE_KEYS.join(', ')}`);
    }
  }
  for (const [key, given] of entries) switchSetting(server.dialects, key, given);
  server.flow_settings.danger_limits_off = limitsOff(server.dialects);
  const keys = entries.map(([key]) => key).sort().join(' ');
  for (const { flows } of server.worlds) {
    await recordServerEvent(flows.deps, 'config.changed', keys);
  }
  return { status: 200, body: server.dialects };
}

async function auditAnswer(server: RunningServer, name: string | null): Promise<JsonAnswer> {
  const world = server.worlds.find((one) => one.name === name);
  if (world === undefined) return problem(400, 'say ?world=live or ?world=paper');
  return { status: 200, body: { events: await readTrail(world.store) } };
}

/** Per world: password hashes, store calls, decisions. */
function countsOf({ worlds }: RunningServer): object {
  return Object.fromEntries(worlds.map(({ name, counts, counted, passwords, flows }) => [
    name,
    {
      ...counts,
      ...counted.counts,
      ...passwords.counts,
      ...flows.deps.work.counts,
      store_reads: counts.reads,
    },
  ]));
}
