/** Acts over the real flows of one world: what they end, what they list and what they hide. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTS, FLOW_ACTS } from '../../src/core/decide/manage/acts/acts.ts';
import type { EventDraft } from '../../src/core/events.ts';
import { KEY_PURPOSES } from '../../src/core/kinds/key.ts';
import { rosterFor } from '../core/facts.ts';
import {
  act, changePersonalToken, check, codeOf, consent, exchange, signedInBrowser, valueOf,
} from '../flows/browser.ts';
import {
  type House, SECRET, apiKeyWithSecret, appWithSecret, customerWithPassword, openHouse,
} from '../flows/house.ts';

/** Events committed since a batch number, in order. */
function eventsSince(house: House, batch: number): readonly EventDraft[] {
  return house.store.batches.slice(batch).flatMap(({ atoms }) => atoms)
    .flatMap(({ events }) => events);
}

test('personal-token.end: the token is dead from the answer on; a second time ends nothing',
  async () => {
    const customer = customerWithPassword();
    const house = await openHouse({ customers: [customer] });
    const browser = await signedInBrowser(house, customer);
    const { token } = valueOf(await changePersonalToken(house, browser, 'replace'));
    assert.ok(token !== null);
    assert.equal(codeOf(await check(house, token)), 'ok');

    const args = { customer: customer.login_name };
    const batch = house.store.batches.length;
    assert.deepEqual(
      valueOf(await act(house, 'personal-token.end', args)), { customer: customer.id, ended: 1 },
    );
    assert.deepEqual(
      eventsSince(house, batch).map(({ action, customer: whose }) => [action, whose]),
      [['personal_token.ended', customer.id]],
    );
    assert.notEqual(codeOf(await check(house, token)), 'ok');
    assert.deepEqual(
      valueOf(await act(house, 'personal-token.end', args)), { customer: customer.id, ended: 0 },
    );
    assert.equal(eventsSince(house, batch).length, 1, 'nothing ended, nothing in the trail');
  });

test('account.list: hers only, oldest first; a closed one stays listed', async () => {
  const alice = customerWithPassword({ accounts: ['6YA00001'] });
  const bob = customerWithPassword({
    id: 'bobbobbobbo', login_name: 'bob', accounts: ['6YA00009'],
  });
  const house = await openHouse({ customers: [alice, bob] });
  const opened = { account: '6YA00000', customer: alice.login_name, type: 'margin' };
  valueOf(await act(house, 'account.create', opened));
  valueOf(await act(house, 'account.close', { account: '6YA00001' }));

  const { accounts } = valueOf(await act(house, 'account.list', { customer: alice.id })) as {
    readonly accounts: readonly { readonly account: string; readonly status: string }[];
  };
  assert.deepEqual(accounts.map(({ account, status }) => [account, status]), [
    ['6YA00001', 'closed'], ['6YA00000', 'active'],
  ]);
  assert.equal(codeOf(await act(house, 'account.list', { customer: 'nobody' })), 'object_unknown');
});

test('approval.list: apps with the second approval, as it stands now', async () => {
  const first = appWithSecret({ id: 'a'.repeat(32), refresh: { approved: false, epoch: 1 } });
  const second = appWithSecret({ id: 'b'.repeat(32), refresh: { approved: true, epoch: 1 } });
  const house = await openHouse({ apps: [first, second] });
  const listed = async (): Promise<readonly string[]> => {
    const { apps } = valueOf(await act(house, 'approval.list', {})) as {
      readonly apps: readonly { readonly client_id: string }[];
    };
    return apps.map(({ client_id }) => client_id);
  };

  assert.deepEqual(await listed(), [second.id]);
  valueOf(await act(house, 'approval.grant', { app: first.id }));
  assert.deepEqual(await listed(), [first.id, second.id]);
  valueOf(await act(house, 'approval.withdraw', { app: second.id }));
  assert.deepEqual(await listed(), [first.id]);
});

test('no reading act shows a hash, a digest, a key or a secret (CA-15, KM-06)', async () => {
  const customer = customerWithPassword();
  const app = appWithSecret();
  const own_key = apiKeyWithSecret({
    id: '9', owner: { is: 'customer', customer: customer.id }, password_hash: 'plain:key password',
    first_party: true, secret: { is: 'sealed', sealed: 'v1.demo-sealed-secret' },
  });
  const api_keys = [apiKeyWithSecret(), own_key];
  const house = await openHouse({ customers: [customer], apps: [app], api_keys });
  await house.store.behind([
    { kind: 'roster', id: customer.id, value: rosterFor(), version: 0 },
  ]);
  // The house's first keys are in no record: with these, every purpose has one to list.
  for (const purpose of KEY_PURPOSES) valueOf(await act(house, 'key.rotate', { purpose }));
  const browser = await signedInBrowser(house, customer);
  const { token } = valueOf(await changePersonalToken(house, browser, 'replace'));
  const code = await consent(house, browser);
  const tokens = valueOf(await exchange(house, app, { code }));

  const names = {
    customer: customer.id, app: app.id, account: customer.accounts[0], cid: own_key.id,
  };
  const { grants } = valueOf(await act(house, 'grant.list', { customer: customer.id })) as {
    readonly grants: readonly { readonly grant: string }[];
  };
  const known: { readonly [name: string]: unknown } = { ...names, grant: grants[0]?.grant };
  let shown = '';
  for (const [name, { args, reads_only }] of readingActs()) {
    assert.equal(reads_only, true);
    const required = Object.keys(args).filter((arg) => args[arg]?.required);
    const given = Object.fromEntries(required.map((arg) => [arg, known[arg]]));
    shown += `${name} ${JSON.stringify(valueOf(await act(house, name, given)))}\n`;
  }

  const hidden = [
    SECRET, code, tokens.access_token, token, browser.login_cookie,
    ...(await house.store.list('key', { prefix: '', after: null, limit: 9 })).records
      .map(({ value }) => value.sealed),
    ...app.secrets.map(({ digest }) => digest),
    (await house.record('customer', customer.id))?.personal_token?.digest,
    customer.password_hash,
    ...api_keys.flatMap(({ secret }) => Object.values(secret).slice(1)),
    own_key.password_hash,
  ].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  assert.match(shown, /"live":true/, 'there was a grant to show');
  assert.match(shown, /"session":"sessionsess"[^\n]*"live":true/, 'and a session');
  for (const value of hidden) {
    assert.ok(value.length > 8, 'a value worth hiding');
    assert.equal(shown.includes(value), false, `shown: ${value.slice(0, 12)}…`);
  }
  assert.doesNotMatch(shown, /digest|hash|sealed|epoch/);
});

function readingActs() {
  return Object.keys(FLOW_ACTS).flatMap((name) => {
    const row = ACTS[name];
    return row?.reads_only === true ? [[name, row] as const] : [];
  });
}

test('every act refuses an argument it does not know; only those that change leave an event',
  async () => {
    const house = await openHouse();
    for (const name of Object.keys(FLOW_ACTS)) {
      const batch = house.store.batches.length;
      const refused = await act(house, name, { 'no-such-argument': 'demo' });
      assert.equal(codeOf(refused), 'act_malformed', name);
      const actions = eventsSince(house, batch).map(({ action }) => action);
      assert.deepEqual(actions, ACTS[name]?.reads_only ? [] : ['act.refused'], name);
    }
  });

test('names of the language itself are no acts and no arguments', async () => {
  const house = await openHouse();
  for (const name of ['constructor', '__proto__', 'toString', '']) {
    assert.equal(codeOf(await act(house, name, {})), 'act_unknown', name);
  }
  const args = JSON.parse('{"__proto__": "demo"}') as { readonly [name: string]: unknown };
  assert.equal(codeOf(await act(house, 'app.list', args)), 'act_malformed');
});
