/** Refreshing through the real flow: storms, the newest twenty, and what ends a grant. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Browser, act, changePersonalToken, check, codeOf, consent, endConnections, exchange,
  refresh, signedInBrowser, valueOf,
} from './browser.ts';
import { type House, appWithSecret, customerWithPassword, openHouse } from './house.ts';

const APP = appWithSecret();
const ALICE = customerWithPassword();

type Linked = {
  readonly house: House;
  readonly browser: Browser;
  readonly access_token: string;
  readonly refresh_token: string;
};

async function linked(): Promise<Linked> {
  const house = await openHouse();
  const browser = await signedInBrowser(house, ALICE);
  const code = await consent(house, browser);
  const { access_token, refresh_token } = valueOf(await exchange(house, APP, { code }));
  assert.ok(refresh_token !== null);
  return { house, browser, access_token, refresh_token };
}

describe('64 refreshes at once', () => {
  it('get 60 tokens and 4 limits; the newest 20 live, the grant goes on', async () => {
    const { house, access_token, refresh_token } = await linked();
    const results = await Promise.all(
      Array.from({ length: 64 }, () => refresh(house, APP, refresh_token)),
    );
    const codes = results.map(codeOf);
    assert.equal(codes.filter((code) => code === 'ok').length, 60);
    assert.equal(codes.filter((code) => code === 'refresh_limited').length, 4);
    const tokens = results.flatMap((result) => (result.ok ? [result.value.access_token] : []));
    assert.equal(new Set(tokens).size, 60);
    const verdicts = await Promise.all(tokens.map((token) => check(house, token)));
    assert.deepEqual(
      verdicts.map(codeOf), tokens.map((_, i) => (i < 40 ? 'token_ended' : 'ok')),
    );
    assert.equal(codeOf(await check(house, access_token)), 'token_ended');
    house.clock.ms += 60_000;
    assert.equal(codeOf(await refresh(house, APP, refresh_token)), 'ok');
  });

  it('of 15 grants are one commit and none disturbs another', async () => {
    const { house, browser } = await linked();
    house.settings.danger_limits_off = true;
    const tokens: string[] = [];
    for (let i = 0; i < 15; i++) {
      const code = await consent(house, browser);
      tokens.push(valueOf(await exchange(house, APP, { code })).refresh_token ?? '');
    }
    const before = house.store.batches.length;
    const results = await Promise.all(tokens.map((token) => refresh(house, APP, token)));
    assert.ok(results.every((result) => result.ok));
    assert.equal(house.store.batches.length, before + 1);
    assert.equal(house.store.batches.at(-1)?.atoms.length, 15);
  });
});

describe('a refresh', () => {
  it('narrows its own access token only', async () => {
    const { house, refresh_token } = await linked();
    const narrowed = valueOf(await refresh(house, APP, refresh_token, ['market']));
    assert.equal(codeOf(await check(house, narrowed.access_token, ['market'])), 'ok');
    assert.equal(codeOf(await check(house, narrowed.access_token, ['read'])), 'scope_missing');
    const full = valueOf(await refresh(house, APP, refresh_token));
    assert.equal(codeOf(await check(house, full.access_token, ['read', 'market'])), 'ok');
  });

  it('answers the token of the commit that won after conflicts', async () => {
    const { house, refresh_token } = await linked();
    let conflicts = 3;
    house.store.on_commit = (batch, commit) => (conflicts-- > 0
      ? Promise.resolve(batch.atoms.map(() => 'conflict' as const))
      : commit(batch));
    const { access_token } = valueOf(await refresh(house, APP, refresh_token));
    assert.equal(codeOf(await check(house, access_token)), 'ok');
  });
});

describe('each end alone', () => {
  type End = readonly [says: string, end: (at: Linked) => Promise<unknown>, code: string];
  const by = (name: string, args: { readonly [name: string]: unknown }) =>
    async ({ house }: Linked) => valueOf(await act(house, name, args));
  const ends: readonly End[] = [
    ['she removes the app', ({ house, browser }) => endConnections(house, browser, APP.id),
      'refresh_ended'],
    ['she removes all apps', ({ house, browser }) => endConnections(house, browser, null),
      'refresh_ended'],
    ['she is locked', by('customer.set-status', { customer: ALICE.id, status: 'locked' }),
      'refresh_ended'],
    ['the app is disabled', by('app.disable', { app: APP.id }), 'client_authentication_failed'],
    ['an operator ends it', by('grant.end', { customer: ALICE.id, app: APP.id }), 'refresh_ended'],
  ];
  for (const [says, end, code] of ends) {
    it(`(${says}) stops refreshes and access tokens at once, for good`, async () => {
      const at = await linked();
      await end(at);
      const { house, access_token, refresh_token } = at;
      assert.equal(codeOf(await refresh(house, APP, refresh_token)), code);
      assert.equal(codeOf(await check(house, access_token)), 'token_ended');
      await act(house, 'customer.set-status', { customer: ALICE.id, status: 'active' });
      await act(house, 'app.approve', { app: APP.id });
      assert.equal(codeOf(await refresh(house, APP, refresh_token)), 'refresh_ended');
      assert.equal(codeOf(await check(house, access_token)), 'token_ended');
    });
  }

  it('(the approval is withdrawn) stops refreshes, not access tokens, for good', async () => {
    const { house, access_token, refresh_token } = await linked();
    valueOf(await act(house, 'approval.withdraw', { app: APP.id }));
    assert.equal(codeOf(await refresh(house, APP, refresh_token)), 'refresh_not_approved');
    assert.equal(codeOf(await check(house, access_token)), 'ok');
    valueOf(await act(house, 'approval.grant', { app: APP.id }));
    assert.equal(codeOf(await refresh(house, APP, refresh_token)), 'refresh_ended');
  });

  it('(a new password) stops sign-ins and unused codes, not grants', async () => {
    const { house, browser, refresh_token } = await linked();
    const code = await consent(house, browser);
    valueOf(await act(house, 'customer.set-password', { customer: ALICE.id }));
    assert.equal(codeOf(await exchange(house, APP, { code })), 'code_ended');
    assert.equal(codeOf(await refresh(house, APP, refresh_token)), 'ok');
    assert.equal(valueOf(await house.send('show_connections', browser)), null);
  });
});

describe('a personal token', () => {
  it('replaced 16 times at once is one, and all others have ended', async () => {
    const { house, browser } = await linked();
    const changed = await Promise.all(
      Array.from({ length: 16 }, () => changePersonalToken(house, browser, 'replace')),
    );
    const tokens = changed.map((result) => valueOf(result).token ?? '');
    assert.equal(new Set(tokens).size, 16);
    const codes = (await Promise.all(tokens.map((token) => check(house, token)))).map(codeOf);
    assert.equal(codes.filter((code) => code === 'ok').length, 1);
    assert.equal(codes.filter((code) => code === 'token_ended').length, 15);
  });

  it('is no refresh token, and a refresh token is no bearer', async () => {
    const { house, browser, refresh_token } = await linked();
    const { token } = valueOf(await changePersonalToken(house, browser, 'replace'));
    assert.equal(codeOf(await refresh(house, APP, token ?? '')), 'refresh_unknown');
    assert.equal(codeOf(await check(house, refresh_token)), 'token_unknown');
  });
});
