/** `POST /act` over HTTP: the operators' socket and the control listener speak the same. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RefusalCode } from '../core/rules/refusals.ts';
import type { StartedWorld } from './server.ts';

export type JsonAnswer = { readonly status: number; readonly body: unknown };

const STATUS: { readonly [C in RefusalCode]?: number } = {
  object_unknown: 404,
  object_exists: 409,
  state_conflict: 409,
  act_unknown: 404,
  overloaded: 503,
};

/** Runs one act in one world: `{world, act, args}` → its outcome, or why not. */
export async function answerAct(
  worlds: readonly StartedWorld[],
  value: unknown,
  address: string,
): Promise<JsonAnswer> {
  const call = readCall(value);
  if (call === null) return problem(400, 'send {"world", "act", "args"}');
  const world = worlds.find(({ name }) => name === call.world);
  if (world === undefined) return problem(404, `world ${call.world} is not served here`);
  const { deps, dispatch } = world.flows;
  const context = { address, request_id: deps.entropy.base62(12) };
  const result = await dispatch('act', { act: call.act, args: call.args }, context);
  if (result.ok) return { status: 200, body: result.value };
  const { code, rule, reason, parameter } = result.refusal;
  return { status: STATUS[code] ?? 400, body: { error: code, rule, reason, parameter } };
}

type Call = {
  readonly world: string;
  readonly act: string;
  readonly args: { readonly [name: string]: unknown };
};

function readCall(value: unknown): Call | null {
  if (typeof value !== 'object' || value === null) return null;
  const { world, act, args = {} } = value as { [name: string]: unknown };
  if (typeof world !== 'string' || typeof act !== 'string') return null;
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return null;
  return { world, act, args: args as Call['args'] };
}

export function problem(status: number, reason: string): JsonAnswer {
  return { status, body: { error: 'refused', reason } };
}

const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** A JSON body, undefined when there is none; throws a SyntaxError or RangeError for a bad one. */
export async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError('the body is over 16 MiB');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text) as unknown;
}

export function sendJson(raw: ServerResponse, { status, body }: JsonAnswer): void {
  const text = JSON.stringify(body);
  raw.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  });
  raw.end(text);
}
