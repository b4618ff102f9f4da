/** Answers of the session half of the Tradovate contract (§2, §6, §7, §10), checked whole. */
import assert from 'node:assert/strict';
import type { Answer } from '../../../outside/call.ts';
import { claimsOf } from '../../../outside/jwt.ts';
import type { SessionTokens } from '../../../outside/tradovate.ts';
import { noteSecrets } from '../../tradier/secrets.ts';

/** Texts of `errorText` (§6), with the `userStatus` that comes with them. */
export const ERROR_TEXTS = {
  app: 'The app is not registered',
  password: 'Incorrect username or password. Please try again.',
  challenge: 'Challenge is invalid or expired',
  encoded: 'Encoded passwords are not supported',
} as const;

export const STATUS_TEXTS = {
  closed: ['User account is closed', 'Closed'],
  initiated: ['User registration is not complete', 'Initiated'],
  locked: ['User is temporarily locked', 'TemporaryLocked'],
  unconfirmed: ['E-mail address is not confirmed', 'UnconfirmedEmail'],
} as const;

/** Members of a session answer in their order; `mdAccessToken` and `apiHosts` come and go. */
const SESSION_MEMBERS = {
  accessToken: 'string', mdAccessToken: 'string', expirationTime: 'string', userStatus: 'string',
  userId: 'number', name: 'string', hasLive: 'boolean', hasSimPlus: 'boolean',
  hasFunded: 'boolean', hasMarketData: 'boolean', outdatedTaC: 'boolean',
  outdatedLiquidationPolicy: 'boolean', showKIDs: 'boolean',
} as const;

export type SessionBody = SessionTokens & { readonly [member: string]: unknown };

/** A login or renewal that succeeded; `expires_at` (epoch ms) is exact to the second. */
export function assertSession(
  answer: Answer,
  { stream_token = true, also = [] as readonly string[] } = {},
): SessionBody & { readonly expires_at: number } {
  const body = bodyOf(answer, 200) as SessionBody;
  const members = Object.keys(SESSION_MEMBERS)
    .filter((name) => stream_token || name !== 'mdAccessToken');
  for (const name of also) assert.ok(name in body, `${name} is missing`);
  const usual = Object.keys(body).filter((name) => !also.includes(name));
  assert.deepEqual(usual, members, answer.text);
  for (const name of members) {
    const type = SESSION_MEMBERS[name as keyof typeof SESSION_MEMBERS];
    assert.equal(typeof body[name], type, name);
  }
  assert.match(body.expirationTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(body.userStatus, 'Active');
  assert.ok(Number.isSafeInteger(body.userId) && body.userId > 0, String(body.userId));
  const tokens = [body.accessToken, ...(stream_token ? [body.mdAccessToken ?? ''] : [])];
  for (const token of tokens) {
    assert.match(token, /^[A-Za-z0-9._~-]{1,8192}$/);
    assert.equal(claimsOf(token).sub, String(body.userId));
  }
  noteSecrets(...tokens);
  return { ...body, expires_at: Date.parse(body.expirationTime) };
}

/** `{"errorText":…}` and nothing else, unless a `userStatus` is named. */
export function assertErrorText(
  answer: Answer,
  text: string,
  { status = 200, user_status = undefined as string | undefined } = {},
): void {
  const body = JSON.stringify({ errorText: text, userStatus: user_status });
  assert.equal(`${answer.status} ${answer.text}`, `${status} ${body}`);
  assertUnstoredJson(answer);
}

/** 400, or another status of the request itself, with an `errorText` of ours and no more. */
export function assertMalformed(answer: Answer, status = 400): void {
  const { errorText, ...rest } = bodyOf(answer, status);
  assert.ok(typeof errorText === 'string' && errorText !== '', answer.text);
  assert.deepEqual(rest, {});
}

/** An empty answer: no body, no rate headers, and a challenge on 401 alone. */
export function assertEmpty(answer: Answer, status: 401 | 404 | 408 | 429, says?: string): void {
  const { headers } = answer;
  assert.equal(`${answer.status} ${answer.text}`, `${status} `);
  assert.equal(headers['content-length'], '0');
  assert.equal(headers['cache-control'], 'no-store');
  for (const name of Object.keys(headers)) assert.doesNotMatch(name, /rate|quota|limit/);
  const challenge = headers['www-authenticate'];
  if (status !== 401) assert.equal(challenge, undefined);
  else assert.match(String(challenge), /^Bearer(?: |$)/);
  if (says !== undefined) {
    const expected = says === ''
      ? 'Bearer'
      : `Bearer error="invalid_token", error_description="${says}"`;
    assert.equal(challenge, expected);
  }
}

export type Penalty = { readonly ticket: string; readonly wait_s: number };

/** A penalty: exactly three members of these types (§10). `wait_s` null leaves it open. */
export function assertPenalty(
  answer: Answer,
  wait_s: number | null,
  captcha = false,
): Penalty {
  const body = bodyOf(answer, 200);
  assert.deepEqual(Object.keys(body), ['p-ticket', 'p-time', 'p-captcha'], answer.text);
  const { 'p-ticket': ticket, 'p-time': time, 'p-captcha': asked } = body;
  assert.ok(typeof ticket === 'string' && ticket !== '', answer.text);
  assert.ok(Number.isInteger(time) && Number(time) > 0, answer.text);
  if (wait_s !== null) assert.equal(time, wait_s, answer.text);
  assert.equal(asked, captcha, answer.text);
  return { ticket, wait_s: Number(time) };
}

/** No member of any answer but a penalty begins with `p-` (rule 9). */
export function assertNoPenalty(answer: Answer): void {
  assert.doesNotMatch(answer.text, /"p-/);
}

/** A JSON object with this status and the headers of §2. */
export function bodyOf(answer: Answer, status = 200): { readonly [member: string]: unknown } {
  assert.equal(answer.status, status, answer.text.slice(0, 300));
  assertUnstoredJson(answer);
  const body = answer.json();
  assert.equal(Array.isArray(body), false);
  return body;
}

export function assertUnstoredJson({ headers }: Answer): void {
  assert.match(String(headers['content-type']), /^application\/json(?:;|$)/);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers.pragma, 'no-cache');
}
