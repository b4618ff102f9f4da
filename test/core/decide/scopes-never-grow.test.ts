/** Random flows through the decisions alone: what a token may do never exceeds its sources. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { authorize } from '../../../src/core/decide/authorize/authorize.ts';
import { allow } from '../../../src/core/decide/authorize/decide-consent.ts';
import { checkToken } from '../../../src/core/decide/session/check-token.ts';
import { redeemCode } from '../../../src/core/decide/token/redeem-code.ts';
import { refresh } from '../../../src/core/decide/token/refresh.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import { ALL_SCOPES, SCOPES, scopesWithin } from '../../../src/core/rules/scopes/scopes.ts';
import {
  CODE_ID, CUSTOMER, GRANT_ID, NOW, NO_SESSION, PLAIN_REDEMPTION, SIGNED_IN_AT, STABLE_REFRESH,
  appFor, claimedBy, customerFor, digestOf, linkFor, parametersFor, profileFor, requestedFor,
  worldFor,
} from '../facts.ts';
import { changed } from './changed.ts';

const mask = fc.integer({ min: 0, max: ALL_SCOPES });
const word = fc.constantFrom(...SCOPES.map((scope) => scope.word), 'placing', 'READ', '');
const words = fc.option(fc.array(word, { maxLength: 6 }));

/** Mostly all of them: a grant ends when its app has lost one of its scopes. */
const held = fc.oneof({ weight: 3, arbitrary: fc.constant(ALL_SCOPES) }, mask);

/** The app's registration may change before each step; so may what a refresh asks for. */
const flow = fc.record({
  asked: words,
  app_at_request: mask,
  app_at_consent: held,
  app_at_exchange: held,
  refreshes: fc.array(fc.record({ scope: words, app: held }), { maxLength: 5 }),
  app_at_use: mask,
});
type Flow = typeof flow extends fc.Arbitrary<infer T> ? T : never;

type Issued = { readonly number: number; readonly scopes: number; readonly app: number };
type Run = { readonly consented: number; readonly grant: Grant; readonly issued: Issued[] };

const profile = profileFor();
const world = worldFor();
const customer = customerFor();

/** The flow's consent, grant and tokens; null when it ended before a grant. */
function run(drawn: Flow): Run | null {
  const asked = authorize({
    profile, parameters: parametersFor({ scope: drawn.asked }), issuer: 'https://i.example',
    app: appFor({ scopes: drawn.app_at_request }),
  });
  if (!asked.ok) return null;
  const requested = { ...requestedFor(), ...asked.value };
  const given = allow({
    requested, record: claimedBy('b'), app: appFor({ scopes: drawn.app_at_consent }), customer,
    signed_in_at: SIGNED_IN_AT, link: undefined, world, code: () => undefined,
    challenge_repeated: false, now: NOW,
    fresh: { code_id: CODE_ID, code_digest: digestOf('code'), location: '', sealed_location: '' },
  });
  const code = changed(given, 'code', CODE_ID) ?? undefined;
  const redeemed = redeemCode({
    ...PLAIN_REDEMPTION,
    profile, app: appFor({ scopes: drawn.app_at_exchange }), code, customer, link: linkFor(), world,
    presented: { id: CODE_ID, digest: digestOf('code') }, challenge_of_verifier: null,
    grant: () => undefined, now: NOW,
    fresh: { grant_id: GRANT_ID, refresh_digest: digestOf('refresh') },
  });
  if (!redeemed.result.ok) {
    // Nothing is begun when no scope is left of what was allowed.
    assert.equal((code?.scopes ?? 0) & drawn.app_at_exchange, 0);
    return null;
  }
  let { grant } = redeemed.result.value;
  const issued: Issued[] = [{ number: 1, scopes: grant.scopes, app: drawn.app_at_exchange }];
  for (const { scope, app } of drawn.refreshes) {
    const decision = refresh({
      ...STABLE_REFRESH,
      profile, app: appFor({ scopes: app }), grant, customer, world, scope, now: NOW,
      presented: { id: GRANT_ID, digest: digestOf('refresh'), generation: 1 }, limits_off: false,
    });
    const { result } = decision;
    if (!result.ok) {
      grant = changed(decision, 'grant', GRANT_ID) ?? grant;
      assert.equal(grant.state.is === 'live', scopesWithin(grant.scopes, app));
      if (grant.state.is === 'ended') break;
      continue;
    }
    assert.equal(result.value.grant.scopes, grant.scopes, 'a refresh leaves the grant as it is');
    ({ grant } = result.value);
    issued.push({ number: grant.last_number, scopes: result.value.scopes, app });
  }
  return { consented: requested.scopes, grant, issued };
}

describe('random flows', () => {
  it('P-04 never give a token more than the consent, the app and the customer allow', () => {
    let tokens = 0;
    fc.assert(fc.property(flow, (drawn) => {
      const ran = run(drawn);
      if (ran === null) return;
      const bound = ran.consented & drawn.app_at_request & drawn.app_at_consent;
      assert.ok(scopesWithin(ran.grant.scopes, bound));
      for (const { number, scopes, app } of ran.issued) {
        tokens += 1;
        assert.ok(scopesWithin(scopes, ran.grant.scopes & app));
        const bearer = {
          is: 'access_token', grant_id: GRANT_ID, customer: CUSTOMER, number, scopes,
          expires_at: NOW + 1, audience: null,
        } as const;
        const verdict = checkToken({
          ...NO_SESSION,
          profile, bearer, grant: ran.grant, customer, app: appFor({ scopes: drawn.app_at_use }),
          world, scopes: [], account: null, now: NOW,
        });
        assert.equal(verdict.ok, ran.grant.state.is === 'live');
        if (!verdict.ok) continue;
        assert.equal(verdict.value.scopes, scopes & ran.grant.scopes & drawn.app_at_use);
      }
    }), { numRuns: 5000 });
    assert.ok(tokens > 2000, `only ${tokens} tokens were issued`);
  });

  it('P-04 never let a token reach an account that its customer and app do not cover', () => {
    const ran = run({
      asked: null, app_at_request: 31, app_at_consent: 31, app_at_exchange: 31, refreshes: [],
      app_at_use: 31,
    });
    assert.ok(ran);
    const drawn = fc.record({
      own: fc.subarray(['6YA00001', '6YA00002']),
      delegated: fc.subarray(['6YB00001', '6YB00002']),
      advisor: fc.boolean(),
      account: fc.constantFrom('6YA00001', '6YA00002', '6YB00001', '6YB00002', '6ya00001', ''),
    });
    fc.assert(fc.property(drawn, ({ own, delegated, advisor, account }) => {
      const bearer = {
        is: 'access_token', grant_id: GRANT_ID, customer: CUSTOMER, number: 1, scopes: 31,
        expires_at: NOW + 1, audience: null,
      } as const;
      const verdict = checkToken({
        ...NO_SESSION,
        profile, bearer, grant: ran.grant, world, scopes: ['trade'], account, now: NOW,
        customer: customerFor({ accounts: own, delegated_accounts: delegated }),
        app: appFor({ type: advisor ? 'advisor' : 'standard' }),
      });
      const covered = advisor ? delegated : own;
      assert.equal(verdict.ok, covered.includes(account));
      if (verdict.ok) assert.deepEqual(verdict.value.accounts, covered);
    }));
  });
});
