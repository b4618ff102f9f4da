/** Where client credentials may stand, and what happens when a secret stood in a URL (BR-04). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeForm, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { startServer } from '../../world.ts';
import { assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live } = server;
const { A1, A2 } = APPS;
const u1 = customerIn(live, 'u1');

type Pairs = readonly (readonly [string, string])[];
type Headers = readonly (readonly [string, string])[];

const ADDRESSES = ['/v1/oauth/accesstoken', '/v1/oauth/refreshtoken'];
const basic: Headers = [['Authorization', A2.basic]];
const own: Pairs = [['client_id', A2.id], ['client_secret', A2.secret]];
const foreign: Pairs = [['client_id', A2.id], ['client_secret', A1.secret]];

function ask(path: string, form: Pairs, headers: Headers = []): Promise<Answer> {
  return post(live.origin, path, form, headers);
}

test('BR-04 a secret in the query is refused at both addresses and audited as leaked', async () => {
  const { refresh_token = '' } = await u1.link(A2);
  const { code } = await u1.allow(A2);
  const grants: readonly Pairs[] = [
    [['grant_type', 'authorization_code'], ['code', code]],
    [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]],
  ];
  const queries: readonly (readonly [string, Pairs])[] = [
    ['client_secret', own],
    ['client_secret', [['client_secret', A2.secret]]],
    ['code', [['code', code]]],
    ['refresh_token', [['refresh_token', refresh_token]]],
  ];
  for (const address of ADDRESSES) {
    for (const form of grants) {
      for (const [name, query] of queries) {
        const events = await eventsOf(server, 'live', async () => {
          const answer = await ask(`${address}?${encodeForm(query)}`, form, basic);
          assertTokenError(live, answer, 'E2', name);
        });
        assert.deepEqual(actionsOf(events), ['secret.leaked'], `${address} ${name}`);
      }
    }
  }
  // Junk is refused alike, and is not worth a row in the trail.
  for (const name of ['client_secret', 'code', 'refresh_token', 'code_verifier']) {
    const events = await eventsOf(server, 'live', async () => {
      const answer = await ask(`${ADDRESSES[0]}?${name}=junk`, grants[0] ?? [], basic);
      assertTokenError(live, answer, 'E2', name);
    });
    assert.deepEqual(actionsOf(events), [], name);
  }
  const [redeem = [], refresh = []] = grants;
  assert.equal((await ask('/v1/oauth/accesstoken', redeem, basic)).status, 200);
  assert.equal((await ask('/v1/oauth/refreshtoken', refresh, basic)).status, 200);
});

test('BR-04 no, wrong Basic and wrong body credentials are 401, right ones both work', async () => {
  const { refresh_token = '' } = await u1.link(A2);
  const wrong_basic = `Basic ${Buffer.from(`${A2.id}:${A1.secret}`).toString('base64')}`;
  for (const address of ADDRESSES) {
    const refresh: Pairs = [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]];
    assertTokenError(live, await ask(address, refresh), 'E1');
    const wrong = await ask(address, refresh, [['Authorization', wrong_basic]]);
    assertTokenError(live, wrong, 'E1');
    assertTokenError(live, await ask(address, [...refresh, ...foreign]), 'E1');
    assert.equal((await ask(address, refresh, basic)).status, 200);
    assert.equal((await ask(address, [...refresh, ...own])).status, 200);
  }
});

test('BR-04 failed authentications are limited per subnet: the 61st a minute waits', async () => {
  const { refresh_token = '' } = await u1.link(A2);
  await server.control.advance(61);
  const refresh: Pairs = [['grant_type', 'refresh_token'], ['refresh_token', refresh_token]];
  const path = '/v1/oauth/refreshtoken';
  for (let count = 1; count <= 60; count += 1) {
    assertTokenError(live, await ask(path, [...refresh, ...foreign]), 'E1');
  }
  assertTokenError(live, await ask(path, [...refresh, ...foreign]), 'E10');
  await server.control.advance(61);
  assert.equal((await ask(path, refresh, basic)).status, 200);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
