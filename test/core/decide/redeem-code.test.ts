/** Redeeming: what a winner gets, what a replay ends, what a full link loses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RedeemFacts, redeemCode } from '../../../src/core/decide/token/redeem-code.ts';
import type { App } from '../../../src/core/kinds/app.ts';
import type { Code } from '../../../src/core/kinds/code.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import { linkId } from '../../../src/core/kinds/kinds.ts';
import type { Profile } from '../../../src/core/rules/profile.ts';
import {
  CALLBACK, CODE_ID, CUSTOMER, GRANT_ID, NOW, PLAIN_REDEMPTION, appFor, codeFor, customerFor,
  digestOf, grantFor, linkFor, profileFor, refreshFor, worldFor,
} from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

const LINK = linkId(CUSTOMER, appFor().id);
const OLD = `${CUSTOMER}oldoldoldol`;
const SPENT = { is: 'spent', at: NOW - 5, grant: OLD } as const;

function facts(over: Partial<RedeemFacts> = {}): RedeemFacts {
  return {
    profile: profileFor(),
    app: appFor(),
    presented: { id: CODE_ID, digest: digestOf('code') },
    code: codeFor(),
    customer: customerFor(),
    link: linkFor({ pending: [{ code: CODE_ID, expires_at: NOW + 1 }] }),
    world: worldFor(),
    ...PLAIN_REDEMPTION,
    challenge_of_verifier: null,
    grant: () => undefined,
    fresh: { grant_id: GRANT_ID, refresh_digest: digestOf('fresh') },
    now: NOW,
    ...over,
  };
}

function begun(over: { code?: Partial<Code>; app?: Partial<App> } = {}): Grant {
  const decision = redeemCode(facts({ code: codeFor(over.code), app: appFor(over.app) }));
  assert.ok(decision.result.ok);
  const grant = changed(decision, 'grant', GRANT_ID);
  assert.ok(grant);
  assert.deepEqual(decision.result.value, {
    grant_id: GRANT_ID, grant, code: codeFor(over.code), customer: customerFor(),
  });
  return grant;
}

describe('the first use of a code', () => {
  it('spends it, begins a grant and leaves the link without the pending code', () => {
    const other = { code: `${CUSTOMER}other`, expires_at: NOW + 1 };
    const stale = { code: `${CUSTOMER}stale`, expires_at: NOW };
    const mine = { code: CODE_ID, expires_at: NOW + 1 };
    const decision = redeemCode(facts({
      link: linkFor({ grants: [OLD], pending: [other, mine, stale] }),
    }));
    assert.deepEqual(
      touched(decision), [`code/${CODE_ID}`, `grant/${GRANT_ID}`, `link/${LINK}`],
    );
    const code = changed(decision, 'code', CODE_ID);
    assert.deepEqual(code?.state, { is: 'spent', at: NOW, grant: GRANT_ID });
    assert.deepEqual(
      changed(decision, 'link', LINK), linkFor({ grants: [OLD, GRANT_ID], pending: [other] }),
    );
    assert.deepEqual(actions(decision), ['code.redeemed']);
  });

  it('makes the link when there is none', () => {
    const decision = redeemCode(facts({ link: undefined }));
    assert.deepEqual(changed(decision, 'link', LINK), linkFor({ grants: [GRANT_ID] }));
  });

  it('begins a grant under the epochs of the consent, not of the exchange', () => {
    const grant = begun({ app: { refresh: { approved: true, epoch: 9 } } });
    assert.deepEqual(grant.epochs, { standing: 7, app: 3, world: 13, refresh: 9 });
    assert.equal(grant.begun_at, NOW);
    assert.equal(grant.last_number, 1);
    assert.deepEqual(grant.state, { is: 'live' });
  });

  it('holds no more scopes than both the consent and the app', () => {
    assert.equal(begun({ code: { scopes: 1 | 4 }, app: { scopes: 4 | 8 } }).scopes, 4);
  });

  it('gives a refresh token to an app with refresh approval only', () => {
    assert.equal(begun().refresh?.digest, digestOf('fresh'));
    assert.equal(begun().refresh?.generation, 1);
    assert.equal(begun({ app: { refresh: { approved: false, epoch: 5 } } }).refresh, null);
    const profile = profileFor({ grant_types: ['authorization_code'] });
    const decision = redeemCode(facts({ profile }));
    assert.equal(changed(decision, 'grant', GRANT_ID)?.refresh, null);
  });

  it('gives a refresh token to every app where none is approved for it', () => {
    const app = appFor({ refresh: { approved: false, epoch: 5 } });
    const profile = profileFor({ refresh_approval: 'not_needed' });
    const decision = redeemCode(facts({ app, profile }));
    assert.equal(changed(decision, 'grant', GRANT_ID)?.refresh?.digest, digestOf('fresh'));
  });

  it('notes when a refresh token was issued, and whereto if it will rotate', () => {
    const first = (profile: Profile) =>
      changed(redeemCode(facts({ profile })), 'grant', GRANT_ID)?.refresh;
    const stable = refreshFor({ digest: digestOf('fresh'), issued_at: NOW });
    assert.deepEqual(first(profileFor()), stable);
    const rotating = first(profileFor({ refresh_policy: 'rotating' }));
    assert.deepEqual(rotating, { ...stable, network: '192.0.2.0/24' });
  });

  it('begins a chain of renewals with the exchange', () => {
    assert.equal(begun().chain_began_at, NOW);
    assert.equal(begun().last_used_at, NOW);
  });

  it('is for the resource of the exchange, else of the request, else of none', () => {
    const resource = 'https://api.example';
    assert.equal(begun().resource, null);
    assert.equal(begun({ code: { resource } }).resource, resource);
    const named = redeemCode(facts({ resource }));
    assert.equal(changed(named, 'grant', GRANT_ID)?.resource, resource);
  });

  it('gives an absolute end from the consent on where the profile has one', () => {
    assert.equal(begun().ends_at, null);
    const decision = redeemCode(facts({ profile: profileFor({ grant_lifetime_s: 60 }) }));
    assert.equal(changed(decision, 'grant', GRANT_ID)?.ends_at, codeFor().issued_at + 60_000);
  });
});

describe('a full link', () => {
  const ids = Array.from({ length: 20 }, (_, i) => `${CUSTOMER}g${i}`);
  const grants = new Map(ids.map((id) => [id, grantFor()]));
  const grant = (id: string) => grants.get(id);

  it('of 19 loses nothing', () => {
    const decision = redeemCode(facts({ link: linkFor({ grants: ids.slice(1) }), grant }));
    assert.equal(changed(decision, 'link', LINK)?.grants.length, 20);
    assert.deepEqual(actions(decision), ['code.redeemed']);
  });

  it('of 20 loses the oldest', () => {
    const decision = redeemCode(facts({ link: linkFor({ grants: ids }), grant }));
    const link = changed(decision, 'link', LINK);
    assert.deepEqual(link?.grants, [...ids.slice(1), GRANT_ID]);
    const [oldest = ''] = ids;
    const ended = changed(decision, 'grant', oldest);
    assert.deepEqual(ended?.state, { is: 'ended', at: NOW, by: 'grant_limit' });
    assert.deepEqual(actions(decision), ['code.redeemed', 'grant.ended']);
    assert.equal(decision.changes.length, 4);
  });

  it('over a limit that was lowered loses all that is too much', () => {
    const profile = profileFor({ grants_live_max: 18 });
    const decision = redeemCode(facts({ profile, link: linkFor({ grants: ids }), grant }));
    assert.deepEqual(changed(decision, 'link', LINK)?.grants, [...ids.slice(3), GRANT_ID]);
    for (const id of ids.slice(0, 3)) {
      assert.equal(changed(decision, 'grant', id)?.state.is, 'ended');
    }
  });

  it('does not end twice what has ended', () => {
    const ended = grantFor({ state: { is: 'ended', at: NOW - 9, by: 'customer' } });
    const decision = redeemCode(facts({ link: linkFor({ grants: ids }), grant: () => ended }));
    assert.equal(changed(decision, 'grant', ids[0] ?? ''), undefined);
    assert.deepEqual(actions(decision), ['code.redeemed']);
  });
});

describe('a second use of a code', () => {
  const live = grantFor();
  const used = (over: Partial<RedeemFacts> = {}) => redeemCode(facts({
    code: codeFor({ state: SPENT }),
    link: linkFor({ grants: [OLD, GRANT_ID] }),
    grant: (id) => (id === OLD ? live : undefined),
    ...over,
  }));

  it('ends the grant of the first, marks the code and alerts', () => {
    const decision = used();
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.code, 'code_replayed');
    const end = { is: 'ended', at: NOW, by: 'code_replay' };
    assert.deepEqual(changed(decision, 'grant', OLD), { ...live, state: end });
    assert.deepEqual(
      changed(decision, 'code', CODE_ID)?.state, { is: 'replayed', at: NOW, grant: OLD },
    );
    assert.deepEqual(changed(decision, 'link', LINK)?.grants, [GRANT_ID]);
    assert.deepEqual(actions(decision), ['code.replayed']);
    assert.equal(decision.events[0]?.outcome, 'alert');
  });

  it('ends it also when the link has gone or lost it', () => {
    for (const link of [undefined, linkFor({ grants: [GRANT_ID] })]) {
      const decision = used({ link });
      assert.equal(changed(decision, 'grant', OLD)?.state.is, 'ended');
      assert.equal(changed(decision, 'link', LINK), undefined);
    }
  });

  it('ends it also for a customer who was locked since', () => {
    const decision = used({ customer: customerFor({ status: 'locked' }) });
    assert.equal(changed(decision, 'grant', OLD)?.state.is, 'ended');
  });

  const harmless: readonly (readonly [string, Partial<RedeemFacts>])[] = [
    ['to another redirect_uri where it is compared', {
      profile: profileFor({ token_redirect_uri: 'compared' }), redirect_uri: `${CALLBACK}/`,
    }],
    ['for another resource', {
      code: codeFor({ state: SPENT, resource: 'https://a.example' }),
      resource: 'https://b.example',
    }],
    ['by another app', { app: appFor({ id: 'B'.repeat(32) }) }],
    ['after the code has expired', { now: codeFor().expires_at }],
    ['with a verifier that was not asked for', { challenge_of_verifier: digestOf('x') }],
    ['with another digest', { presented: { id: CODE_ID, digest: digestOf('x') } }],
    ['in another dialect', { profile: profileFor({ dialect: 'other' }) }],
    ['without its verifier', {
      code: codeFor({ state: SPENT, code_challenge: digestOf('challenge') }),
    }],
  ];
  for (const [says, over] of harmless) {
    it(`${says} changes nothing and alerts nobody`, () => {
      const decision = used(over);
      assert.ok(!decision.result.ok);
      assert.notEqual(decision.result.refusal.code, 'code_replayed');
      assert.deepEqual(decision.changes, []);
      assert.deepEqual(actions(decision), ['code.refused']);
    });
  }

  it('after a replay was seen changes nothing more', () => {
    const decision = used({ code: codeFor({ state: { ...SPENT, is: 'replayed' } }) });
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.code, 'code_replayed');
    assert.deepEqual(decision.changes, []);
    assert.equal(decision.events.some((event) => event.outcome === 'alert'), false);
  });
});

describe('a refused use of a code', () => {
  it('leaves it unspent and says which rule, with a reference that opens nothing', () => {
    const decision = redeemCode(facts({ challenge_of_verifier: digestOf('x') }));
    assert.deepEqual(decision.changes, []);
    const [event] = decision.events;
    assert.equal(event?.detail, 'code.pkce');
    assert.equal(event.object, digestOf('code').slice(0, 11));
  });

  it('writes no event when no code of ours was presented', () => {
    const decision = redeemCode(facts({ presented: null, code: undefined }));
    assert.deepEqual([decision.changes, decision.events], [[], []]);
  });
});
