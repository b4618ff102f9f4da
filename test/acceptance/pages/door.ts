/** The sign-in form as somebody uses it who tries many names, from many addresses. */
import assert from 'node:assert/strict';
import { createBrowser } from '../../outside/browser.ts';
import { post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import type { WorldName, WorldSite } from '../../outside/fixtures.ts';
import type { Server } from '../../world.ts';

/** The proxy that stands in front of the server in these tests, so that addresses can vary. */
export const BEHIND_PROXY = { trusted_proxies: '["127.0.0.1"]' } as const;

export type Try = {
  readonly name: string;
  readonly password: string;
  /** Where it comes from; the server hears it from its proxy. */
  readonly address: string;
};

export type Door = {
  /** Sends the form once; redirects are not followed. */
  readonly knock: (one: Try) => Promise<Answer>;
};

/** Opens the plain sign-in page in a browser of its own and keeps its form. */
export async function openDoor(world: WorldSite): Promise<Door> {
  const browser = createBrowser(world);
  await browser.open('/login');
  const fields = browser.form('sign-in').fields
    .filter(([name]) => name !== 'name' && name !== 'password');
  assert.deepEqual(fields.map(([name]) => name), ['csrf']);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    knock: ({ name, password, address }) =>
      post(world.origin, '/login', [...fields, ['name', name], ['password', password]], [
        ['Accept', 'text/html'],
        ['Cookie', cookie],
        ['Sec-Fetch-Site', 'same-origin'],
        ['X-Forwarded-For', address],
      ]),
  };
}

export type Work = {
  readonly hashes: number;
  readonly reads: number;
  readonly records_read: number;
  readonly lists: number;
  readonly commits: number;
  readonly bumps: number;
  readonly decisions: number;
};

/** What a step cost in one world: slow hashes, queries, decisions. */
export async function workOf(
  server: Server,
  world: WorldName,
  step: () => Promise<unknown>,
): Promise<Work> {
  const count = async (): Promise<Work> => (await server.control.counts())[world] as Work;
  const before = await count();
  await step();
  const after = await count();
  const spent = (name: keyof Work): number => after[name] - before[name];
  return {
    hashes: spent('hashes'),
    reads: spent('reads'),
    records_read: spent('records_read'),
    lists: spent('lists'),
    commits: spent('commits'),
    bumps: spent('bumps'),
    decisions: spent('decisions'),
  };
}

/** In, and with a sign-in of her own. */
export function assertSignedIn(answer: Answer): void {
  assert.equal(`${answer.status} ${answer.headers.location}`, '303 /connections');
  assert.match(String(answer.headers['set-cookie']), /_login/);
}

/** Refused as wrong: the form again, no cookie, no hint at what was wrong. */
export function assertRefused(answer: Answer): void {
  assert.equal(answer.status, 422, answer.text.slice(0, 300));
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.equal(answer.headers['retry-after'], undefined);
}

/** Refused by a limit; answers the wait that it names, in seconds. */
export function assertLimited(answer: Answer, window_s: number): number {
  assert.equal(answer.status, 429, answer.text.slice(0, 300));
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const wait_s = Number(answer.headers['retry-after']);
  assert.ok(Number.isInteger(wait_s) && wait_s >= 1 && wait_s <= window_s, `${wait_s} s`);
  return wait_s;
}
