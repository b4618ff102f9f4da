/** The authorize page as anybody may address it: one request, nothing followed, no cookie. */
import assert from 'node:assert/strict';
import { createBrowser } from '../../../outside/browser.ts';
import { call } from '../../../outside/call.ts';
import type { Answer } from '../../../outside/call.ts';
import type { AuditEvent } from '../../../outside/control.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { oauthPath } from '../../../outside/tradovate.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { WRONG_SETUP, assertRedirect, assertWrongPage } from '../../tradovate/answers.ts';

/** Its path is one path in any letter case. */
const SPELLINGS = ['/oauth', '/OAuth', '/OAUTH'];

export function ask({ origin }: WorldSite, path: string, accept = 'text/html'): Promise<Answer> {
  return call(origin, { path, headers: [['Accept', accept]] });
}

/** A request of the app whose `redirect_uri` stands there as it is, or not at all. */
export function rawPath(app: Registration, rest: string): string {
  return `${oauthPath(app, { redirect_uri: undefined })}&${rest}`;
}

/** PAGE, whoever asks and however the path is spelled; nothing begins and nothing is repeated. */
export async function refusedOnPage(
  world: WorldSite,
  path: string,
  absent: readonly string[] = [],
  says = WRONG_SETUP,
): Promise<void> {
  for (const spelling of SPELLINGS) {
    const asked = path.replace('/oauth', spelling);
    assertRefused(await ask(world, asked), says, absent);
  }
  assertRefused(await ask(world, path, 'application/json'), says, absent);
}

function assertRefused(answer: Answer, says: string, absent: readonly string[]): void {
  assertWrongPage(answer, says, absent);
  const { headers, raw_headers } = answer;
  assert.equal(headers['set-cookie'], undefined, 'no flow has begun');
  assert.equal(headers.refresh, undefined);
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  const sent = raw_headers.flat().join('\n');
  for (const text of absent) assert.ok(!sent.includes(text), `a header repeats ${text}`);
}

/** RDR: exactly this address, whoever asks, and no flow has begun. */
export async function sentBack(
  world: WorldSite,
  path: string,
  location: string,
): Promise<void> {
  for (const accept of ['text/html', 'application/json']) {
    const answer = await ask(world, path, accept);
    assertRedirect(answer, location);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
}

/** `REGISTERED?error=…&state=s1&iss=…`, as an app that is told the issuer gets it. */
export function errorAt(world: WorldSite, app: Registration, error: string): string {
  const joiner = app.redirect_uri.includes('?') ? '&' : '?';
  const iss = app.response_iss ? `&iss=${encodeURIComponent(world.origin)}` : '';
  return `${app.redirect_uri}${joiner}error=${error}&state=s1${iss}`;
}

/** The request is shown to the customer: its sign-in page. */
export async function goesOn(world: WorldSite, path: string): Promise<void> {
  const browser = createBrowser(world);
  const { answer, leaves_to } = await browser.open(path);
  assert.equal(`${answer.status} ${leaves_to}`, '200 null', path);
  const { fields } = browser.form('sign-in');
  assert.ok(fields.some(([name, value]) => name === 'request' && value !== ''), path);
}

/** What was decided or issued: actions of consents, codes and grants. */
export function decidedIn(events: readonly AuditEvent[]): string[] {
  return events.map(({ action }) => action)
    .filter((action) => /^(?:consent|code|grant)\./.test(action));
}
