/** The control listener of a development server: clock, acts, seed, configuration, audit. */
import { call } from './call.ts';
import type { WorldName } from './fixtures.ts';

export type ControlAddress = { readonly url: string; readonly token: string };

export type AuditEvent = {
  readonly [name: string]: unknown;
  readonly action: string;
  readonly at: number;
};

export type Control = {
  readonly address: ControlAddress;
  /** Moves the clock of both worlds forward. */
  readonly advance: (seconds: number) => Promise<void>;
  /** Sets the clock: ISO text or epoch milliseconds. */
  readonly setClock: (time: string | number) => Promise<void>;
  /** Runs an operator's act; throws, with the server's words, when it is refused. */
  readonly act: (world: WorldName, act: string, args: object) => Promise<Json>;
  /** Like `act`, for rows about refused acts. */
  readonly tryAct: (world: WorldName, act: string, args: object) => Promise<ControlAnswer>;
  /** Adds records to both worlds, in the form of the seed file. */
  readonly seed: (records: object) => Promise<ControlAnswer>;
  /** Sets run-time keys, such as `{ 'tradier.token_type': 'off' }`. */
  readonly config: (keys: { readonly [key: string]: unknown }) => Promise<void>;
  readonly audit: (world: WorldName) => Promise<readonly AuditEvent[]>;
  /** Work counters: hashes computed, store reads and commits, refusals. */
  readonly counts: () => Promise<Json>;
  readonly mail: () => Promise<Json>;
};

export type Json = { readonly [name: string]: unknown };
export type ControlAnswer = { readonly status: number; readonly body: Json };

export function createControl(address: ControlAddress): Control {
  const { url, token } = address;
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, '');
  const send = async (method: string, path: string, value?: object): Promise<ControlAnswer> => {
    const answer = await call(origin, {
      method,
      path: `${base}${path}`,
      headers: [['Authorization', `Bearer ${token}`], ['Content-Type', 'application/json']],
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    });
    const body = answer.text === '' ? {} : answer.json<Json>();
    return { status: answer.status, body };
  };
  const must = async (method: string, path: string, value?: object): Promise<Json> => {
    const { status, body } = await send(method, path, value);
    if (status < 300) return body;
    const asked = value === undefined ? '' : ` ${JSON.stringify(value)}`;
    throw new Error(`control ${method} ${path}${asked}: ${status} ${JSON.stringify(body)}`);
  };
  return {
    address,
    advance: async (seconds) => void (await must('POST', '/clock', { advance_s: seconds })),
    setClock: async (time) => void (await must('POST', '/clock', { set: time })),
    act: (world, act, args) => must('POST', '/act', { world, act, args }),
    tryAct: (world, act, args) => send('POST', '/act', { world, act, args }),
    seed: (records) => send('POST', '/seed', records),
    config: async (keys) => void (await must('POST', '/config', keys)),
    audit: async (world) => {
      const { events } = await must('GET', `/audit?world=${world}`);
      return events as readonly AuditEvent[];
    },
    counts: () => must('GET', '/counts'),
    mail: () => must('GET', '/mail'),
  };
}
