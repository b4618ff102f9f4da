/** Refusals of the Tradovate contract (§2, §4, §5.4), checked byte for byte. */
import assert from 'node:assert/strict';
import type { Answer } from '../../outside/call.ts';
import { assertPage } from '../tradier/answers.ts';

const OAUTH_ERRORS = {
  client: [
    'invalid_client', 'client_id, redirect_uri and client_secret do not match existing setup',
  ],
  code: ['invalid_grant', 'The authorization code is invalid or expired'],
  refresh: ['invalid_token', 'The refresh token is invalid or expired'],
  grant_type: ['unsupported_grant_type', 'Unsupported grant_type'],
  required: ['invalid_request', 'FIELD is required'],
  two_ways: ['invalid_request', 'More than one client authentication'],
  resource: ['invalid_target', 'Unknown resource'],
} as const satisfies { readonly [id: string]: readonly [string, string] };

export type OAuthErrorId = keyof typeof OAUTH_ERRORS;

/** Status 200 with exactly the two members; `field` is the one that is required. */
export function assertOAuthError(answer: Answer, id: OAuthErrorId, field = ''): void {
  const [error, description] = OAUTH_ERRORS[id];
  const body = JSON.stringify({
    error, error_description: description.replace('FIELD', field),
  });
  assert.equal(`${answer.status} ${answer.text}`, `200 ${body}`);
  assertJsonUnstored(answer);
  assert.equal(answer.headers['www-authenticate'], undefined);
}

export function assertJsonUnstored({ headers }: Answer): void {
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers.pragma, 'no-cache');
  assert.equal(headers.location, undefined);
}

/** A body that cannot be read at `oauthtoken`: 400 with its three members, and which field. */
export function assertMalformed(answer: Answer, field?: string): void {
  assert.equal(answer.status, 400, answer.text);
  const body = answer.json();
  assert.deepEqual(Object.keys(body).sort(), ['error', 'errorText', 'error_description']);
  assert.equal(body['error'], 'invalid_request');
  for (const member of ['errorText', 'error_description']) {
    const text = body[member];
    assert.ok(typeof text === 'string' && text !== '' && text.length < 300, answer.text);
  }
  if (field !== undefined) assert.match(String(body['errorText']), new RegExp(`\\b${field}\\b`));
  assertJsonUnstored(answer);
}

/** What was sent as a bearer token: none, one past its time, or one that is no good. */
export type Sent = 'none' | 'expired' | 'denied';

const CHALLENGES: { readonly [S in Sent]: string } = {
  none: 'Bearer',
  expired: 'Bearer error="invalid_token", error_description="Expired Access Token"',
  denied: 'Bearer error="invalid_token", error_description="Access is denied"',
};

/** 401 with no body at all: clients would take one for an answer. */
export function assertUnauthorized(answer: Answer, sent: Sent = 'denied'): void {
  const { status, text, headers, bytes } = answer;
  assert.equal(`${status} ${text}`, '401 ');
  assert.equal(bytes.length, 0);
  assert.equal(headers['content-length'], '0');
  assert.equal(headers['www-authenticate'], CHALLENGES[sent]);
  assert.equal(headers['cache-control'], 'no-store');
}

/** 200 with `errorText` alone, or beside these members. */
export function assertErrorText(answer: Answer, errorText: string, members: object = {}): void {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json(), { errorText, ...members });
  assertJsonUnstored(answer);
}

export const WRONG_CLIENT = 'Wrong client_id';
export const WRONG_SETUP = 'client_id and redirect_uri do not match existing setup';

/** Our own page with the vendor's text: status 400 and no way out. */
export function assertWrongPage(
  answer: Answer,
  text: string,
  absent: readonly string[] = [],
): void {
  assertPage(answer, absent);
  assert.ok(answer.text.includes(text), `no "${text}" in ${answer.text.slice(0, 2_000)}`);
  assert.doesNotMatch(answer.text, /<form|<script|http-equiv|<iframe/i);
}

/** A redirect to a callback: 303, empty, unstored. */
export function assertRedirect(answer: Answer, location: string | RegExp): void {
  assert.equal(answer.status, 303, answer.text.slice(0, 200));
  assert.equal(answer.bytes.length, 0);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  const to = String(answer.headers.location);
  if (typeof location === 'string') assert.equal(to, location);
  else assert.match(to, location);
}

const TOKEN_MEMBERS = [
  'access_token', 'refresh_token', 'token_type', 'expires_in', 'refresh_token_expires_in',
  'id_token',
] as const;

/** A token answer with its members in the contract's order, and nothing beside them. */
export function assertTokenAnswer(answer: Answer, grant: 'code' | 'refresh'): void {
  assert.equal(answer.status, 200, answer.text);
  const body = answer.json();
  const members = grant === 'code' ? TOKEN_MEMBERS : TOKEN_MEMBERS.slice(0, -1);
  assert.deepEqual(Object.keys(body), members, answer.text);
  assert.equal(body['token_type'], 'Bearer');
  assert.equal(body['expires_in'], 4_800);
  assert.equal(body['refresh_token_expires_in'], 93_600);
  for (const name of ['access_token', 'refresh_token', ...grant === 'code' ? ['id_token'] : []]) {
    const text = body[name];
    assert.ok(typeof text === 'string' && text.length <= 8_192, name);
    assert.match(text, /^[A-Za-z0-9._~-]+$/, name);
  }
  assertJsonUnstored(answer);
}
