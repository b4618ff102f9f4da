/** Every address at which an authorization request may begin, tried with the same query. */
import assert from 'node:assert/strict';
import { createBrowser } from '../../outside/browser.ts';
import { call, encodeForm } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import type { App, WorldSite } from '../../outside/fixtures.ts';
import { assertJsonUnstored, assertPage } from '../tradier/answers.ts';

/** The API host's endpoint and both names of direct entry on the page host. */
export const ENTRIES = ['/v1/oauth/authorize', '/oauth/authorize', '/authorize'] as const;

type Pairs = readonly (readonly [string, string])[];

/** `client_id=…` and these pairs, encoded; a string is sent exactly as it is. */
export function queryOf(app: App, rest: Pairs | string): string {
  if (typeof rest === 'string') return `client_id=${app.id}&${rest}`;
  return encodeForm([['client_id', app.id], ...rest]);
}

export function enter(
  { origin }: WorldSite,
  entry: string,
  query: string,
  accept = 'text/html',
): Promise<Answer> {
  return call(origin, { path: `${entry}?${query}`, headers: [['Accept', accept]] });
}

/**
 * PAGE at every entry, whoever asks: HTML for a browser, one JSON object for a program, never a
 * `Location`, and nothing of the request in it.
 */
export async function refusedEverywhere(
  world: WorldSite,
  query: string,
  absent: readonly string[],
): Promise<void> {
  for (const entry of ENTRIES) {
    const page = await enter(world, entry, query);
    assertPage(page, absent);
    assertNothingRuns(page);
  }
  const plain = await enter(world, ENTRIES[0], query, 'application/json');
  assert.deepEqual([plain.status, plain.json()['error']], [400, 'invalid_request'], plain.text);
  assertJsonUnstored(plain);
  for (const text of absent) assert.ok(!plain.text.includes(text), `the answer repeats ${text}`);
}

/** Like `refusedEverywhere`, for one `redirect_uri` beside nothing else. */
export function refusesRedirect(world: WorldSite, app: App, redirect_uri: string): Promise<void> {
  return refusedEverywhere(world, queryOf(app, [['redirect_uri', redirect_uri]]), [redirect_uri]);
}

/** The request is shown to the customer: the sign-in page, at every entry. */
export async function proceedsEverywhere(world: WorldSite, query: string): Promise<void> {
  for (const entry of ENTRIES) {
    const browser = createBrowser(world);
    const { answer, leaves_to } = await browser.open(`${entry}?${query}`);
    assert.equal(`${answer.status} ${leaves_to}`, '200 null', `${entry}?${query}`);
    assert.notEqual(browser.form('sign-in').fields.find(([name]) => name === 'request'), undefined);
  }
}

/** An error page sends nothing anywhere by itself. */
function assertNothingRuns({ text, headers }: Answer): void {
  assert.doesNotMatch(text, /<form|<script|http-equiv|postMessage|<iframe/i);
  assert.equal(headers.refresh, undefined);
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
}
