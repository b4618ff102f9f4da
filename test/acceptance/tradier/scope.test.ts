/** The scope grammar of the dialect and what comes of it (contract §3, §5.2). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { customerIn, errorCallback } from './customer.ts';
import { assertLogHoldsNoSecret } from './secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper } = server;
const u1 = customerIn(live, 'u1');
const u1_paper = customerIn(paper, 'u1');

const ALL = 'read write trade market stream';

/** The scope text of the token answer, byte for byte, after consent to this query. */
async function granted(customer: typeof u1, app: typeof APPS.A1, query: string): Promise<string> {
  const { code } = await customer.allow(app, query);
  const answer = await exchange(customer.browser.world, app, code);
  const { scope } = tokens(answer);
  assert.ok(answer.text.includes(`"scope":"${scope}"`));
  return scope;
}

test('AT-T2 commas, blanks or both part scope words; the answer has single blanks', async () => {
  const spellings = [
    'read,%20write', 'read%2Cwrite', 'read%20write', 'read+write', 'read,,write,', 'write%20read',
    'read%2C+write', ',read,write', 'read%09write', 'read%0Awrite', 'read,read,write', 'write,read',
  ];
  for (const text of spellings) {
    assert.equal(await granted(u1, APPS.A1, `scope=${text}&state=s1`), 'read write', text);
  }
});

test('AT-T3 no scope, or an empty one, asks for all of the app', async () => {
  assert.equal(await granted(u1, APPS.A1, ''), ALL);
  assert.equal(await granted(u1, APPS.A1, 'scope='), ALL);
  assert.equal(await granted(u1_paper, APPS.A3, ''), 'read market');
});

test('AT-T4 words that are no scope, and words in capitals, are dropped', async () => {
  for (const text of ['read,placing', 'READ,read', 'read%20__proto__', 'constructor,read']) {
    assert.equal(await granted(u1, APPS.A1, `scope=${text}`), 'read', text);
  }
});

test('AT-T5 no known word left: invalid_scope at the callback with the state', async () => {
  for (const text of ['placing', 'READ', 'readwrite', 'read%3Bwrite', 'toString']) {
    const { url } = await errorCallback(live, APPS.A1, `scope=${text}&state=s1`);
    assert.equal(url, 'https://app.example/cb?error=invalid_scope&state=s1', text);
  }
});

test('AT-T6 scopes that the app does not hold are never granted', async () => {
  assert.equal(await granted(u1_paper, APPS.A3, 'scope=read,trade'), 'read');
  const { url } = await errorCallback(paper, APPS.A3, 'scope=trade');
  assert.equal(url, 'https://app3.example/cb?error=invalid_scope');
});

test('BR-03 every spelling of the scope list gives the canonical set', async () => {
  const rows: readonly (readonly [string, string])[] = [
    ['scope=read,trade', 'read trade'],
    ['scope=read,%20trade', 'read trade'],
    ['scope=read%20trade', 'read trade'],
    ['scope=read,,trade', 'read trade'],
    ['scope=trade,read,', 'read trade'],
    ['scope=%20,read%2C%20,+trade', 'read trade'],
    ['scope=read%2Ctrade', 'read trade'],
    ['scope=read,placing,trade', 'read trade'],
    // Known words that app A does not hold fall away like unknown ones.
    ['scope=read,write,market', 'read'],
    ['', 'read trade'],
  ];
  for (const [query, scope] of rows) assert.equal(await granted(u1, APPS.A, query), scope, query);
  for (const text of ['placing', 'write', 'write,market,placing']) {
    const { error, state, iss } = await errorCallback(live, APPS.A, `scope=${text}&state=s1`);
    const expected = { error: 'invalid_scope', state: 's1', iss: `${live.origin}/as` };
    assert.deepEqual({ error, state, iss }, expected, text);
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
