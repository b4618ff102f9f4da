/**
 * Permissions by area through random histories: a token's never exceed what was consented to, what
 * its app or API key is registered for now, and what its device may do (P-04).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { authorize } from '../../../src/core/decide/authorize/authorize.ts';
import { allow } from '../../../src/core/decide/authorize/decide-consent.ts';
import { checkToken } from '../../../src/core/decide/session/check-token.ts';
import { openSession } from '../../../src/core/decide/session/open-session.ts';
import { renew } from '../../../src/core/decide/session/renew.ts';
import { redeemCode } from '../../../src/core/decide/token/redeem-code.ts';
import type { Grant } from '../../../src/core/kinds/grant.ts';
import type { Roster } from '../../../src/core/kinds/roster.ts';
import { ALL_AREAS, AREAS, levelIn } from '../../../src/core/rules/scopes/areas.ts';
import { VOCABULARIES, scopesWithin } from '../../../src/core/rules/scopes/scopes.ts';
import {
  CODE_ID, CUSTOMER, DEVICE, GRANT_ID, NOW, PLAIN_REDEMPTION, SIGNED_IN_AT, SITE, apiKeyFor,
  appFor, claimedBy, customerFor, digestOf, linkFor, parametersFor, requestedFor, rosterFor,
  sessionProfileFor, worldFor,
} from '../facts.ts';
import {
  NEW_SESSION, check, opening, session, sessionToken, token,
} from '../session/session-facts.ts';
import { changed } from './changed.ts';
import { FIRST, familyOf } from './family.ts';

const WORDS = VOCABULARIES.areas;

/** A registration: a level for each of some areas. */
const registered = fc.subarray([...WORDS])
  .map((words) => words.reduce((mask, { bits }) => mask | bits, 0));

/** Mostly all of them, so that histories go on; a grant has something left more often. */
const held = fc.oneof({ weight: 2, arbitrary: fc.constant(ALL_AREAS) }, registered);

/** What an app asks for counts for nothing: also areas it is not registered for, and nonsense. */
const asked = fc.option(fc.array(
  fc.constantFrom(...WORDS.map(({ word }) => word), 'trading', 'All', '', 'orders:fullaccess'),
  { maxLength: 4 }));

/** Registrations of the app at each step, and at each use of a token between them. */
const flow = fc.record({
  asked,
  at_request: held,
  at_consent: held,
  at_exchange: held,
  steps: fc.array(fc.record({ is: fc.constantFrom('refresh', 'renew'), app: held }),
    { maxLength: 6 }),
  uses: fc.array(held, { minLength: 1, maxLength: 4 }),
});
type Flow = typeof flow extends fc.Arbitrary<infer T> ? T : never;

const profile = sessionProfileFor();
const world = worldFor();
const customer = customerFor();
/** Every bit: a signed token names no permission itself. */
const SIGNED = { scopes: -1, audience: SITE.issuer } as const;

function consented(drawn: Flow) {
  const result = authorize({
    profile, parameters: parametersFor({ scope: drawn.asked }), issuer: SITE.issuer,
    app: appFor({ scopes: drawn.at_request }),
  });
  if (!result.ok) {
    assert.equal(drawn.at_request, 0, 'refused only where nothing is registered');
    return undefined;
  }
  assert.equal(result.value.scopes, drawn.at_request, 'what is asked for counts for nothing');
  const given = allow({
    requested: { ...requestedFor(), ...result.value }, record: claimedBy('b'),
    app: appFor({ scopes: drawn.at_consent }), customer, signed_in_at: SIGNED_IN_AT,
    link: undefined, world, code: () => undefined, challenge_repeated: false, now: NOW,
    fresh: { code_id: CODE_ID, code_digest: digestOf('code'), location: '', sealed_location: '' },
  });
  return changed(given, 'code', CODE_ID) ?? undefined;
}

/** The grant that a code began, or null when nothing was left of it. */
function granted(drawn: Flow): Grant | null {
  const code = consented(drawn);
  if (code === undefined) return null;
  const { result } = redeemCode({
    ...PLAIN_REDEMPTION, redirect_uri: code.redirect_uri,
    profile, app: appFor({ scopes: drawn.at_exchange }), code, customer, link: linkFor(), world,
    presented: { id: CODE_ID, digest: digestOf('code') }, challenge_of_verifier: null,
    grant: () => undefined, now: NOW,
    fresh: { grant_id: GRANT_ID, refresh_digest: digestOf(FIRST) },
  });
  if (result.ok) return result.value.grant;
  assert.equal(code.scopes & drawn.at_exchange, 0, result.refusal.reason);
  return null;
}

/** What a token of the grant may do while its app is registered for `app`. */
function permissions(grant: Grant, app: number): number {
  const verdict = checkToken(check({
    profile, customer, app: appFor({ scopes: app }), scopes: [],
    bearer: token({ ...SIGNED, number: grant.last_number, expires_at: NOW + 1 }),
  }, grant));
  assert.ok(verdict.ok);
  return verdict.value.scopes;
}

/** A permission opens exactly the routes that need it, or a lower level of its area. */
function assertOpens(grant: Grant, app: number, scopes: number): void {
  for (const { word, bits } of WORDS) {
    const { ok } = checkToken(check({
      profile, customer, app: appFor({ scopes: app }), scopes: [word],
      bearer: token({ ...SIGNED, number: grant.last_number, expires_at: NOW + 1 }),
    }, grant));
    assert.equal(ok, scopesWithin(bits, scopes), word);
  }
}

describe('random histories of a grant', () => {
  it('P-04[B] its tokens do no more than the consent and the registration allow', () => {
    let used = 0;
    fc.assert(fc.property(flow, (drawn) => {
      let grant = granted(drawn);
      if (grant === null) return;
      const consent = drawn.at_request & drawn.at_consent;
      const begun = grant.scopes;
      assert.ok(scopesWithin(begun, consent & drawn.at_exchange));
      let family = familyOf(grant);
      let text = FIRST;
      for (const step of [null, ...drawn.steps]) {
        if (step?.is === 'refresh') {
          const { given, decision } = family.present(text, {
            now: NOW, over: { profile, app: appFor({ scopes: step.app }) },
          });
          assert.ok(decision.result.ok && given !== null);
          assert.ok(scopesWithin(decision.result.value.scopes, begun));
          text = given;
          grant = family.grant();
        } else if (step !== null) {
          const facts = check({
            profile, customer, app: appFor({ scopes: step.app }), scopes: [],
            bearer: token({ ...SIGNED, number: grant.last_number, expires_at: NOW + 1 }),
          }, grant);
          const decision = renew(facts);
          assert.ok(decision.result.ok);
          const { verdict } = decision.result.value;
          assert.equal(verdict.scopes, begun & step.app, 'told at renewal');
          const renewed = changed(decision, 'grant', GRANT_ID);
          assert.ok(renewed);
          grant = renewed;
          family = familyOf(grant);
        }
        assert.equal(grant.scopes, begun, 'no step changes what was granted');
        for (const app of drawn.uses) {
          const scopes = permissions(grant, app);
          assert.equal(scopes, begun & app, 'and a raised registration gives nothing more');
          assert.ok(scopesWithin(scopes, consent & app));
          used += 1;
        }
        assertOpens(grant, drawn.uses[0] ?? 0, permissions(grant, drawn.uses[0] ?? 0));
      }
    }), { numRuns: 3000 });
    assert.ok(used > 3000, `only ${used} uses`);
  });
});

const keys = fc.record({
  at_login: held,
  renewals: fc.array(held, { maxLength: 4 }),
  at_use: held,
  device: fc.constantFrom(DEVICE, 'another', null),
  blocked: fc.subarray([DEVICE, 'another', 'a third']),
  world: fc.constantFrom('live', 'paper'),
  needed: fc.constantFrom(['live'] as const, ['live', 'paper'] as const, [] as const),
});

const ORDERS = AREAS.find(({ name }) => name === 'Orders');

describe('random histories of a session', () => {
  it('P-04[B] its tokens do no more than its API key and its device allow now', () => {
    let traded = 0;
    fc.assert(fc.property(keys, (drawn) => {
      const device_needed = drawn.needed;
      const rules = sessionProfileFor({
        sessions: { live_max: 2, token_lifetime_s: 4800, device_needed, keyless: false },
      });
      const site = worldFor({ name: drawn.world });
      const opened = changed(openSession(opening({
        profile: rules, world: site, device: drawn.device,
        key: apiKeyFor({ scopes: drawn.at_login }),
        roster: rosterFor({ sessions: [], blocked_devices: drawn.blocked }),
      })), 'roster', CUSTOMER);
      assert.ok(opened);
      let roster: Roster = opened;
      const facts = (scopes: number, needs: readonly string[]) => session({
        profile: rules, world: site, roster, api_key: apiKeyFor({ scopes }), scopes: needs,
        bearer: sessionToken({
          session_id: CUSTOMER + NEW_SESSION, expires_at: NOW + 1,
          number: roster.sessions[0]?.last_number ?? 0,
        }),
      });
      const trusted = drawn.device !== null && !drawn.blocked.includes(drawn.device);
      const free = trusted || !device_needed.some((name) => name === drawn.world);
      const bound = (key: number): number => (free ? key : key & ~(ORDERS?.full ?? 0));
      for (const key of drawn.renewals) {
        const decision = renew(facts(key, []));
        assert.ok(decision.result.ok);
        assert.equal(decision.result.value.verdict.scopes, bound(key));
        roster = changed(decision, 'roster', CUSTOMER) ?? roster;
      }
      const verdict = checkToken(facts(drawn.at_use, []));
      assert.ok(verdict.ok);
      const { scopes } = verdict.value;
      assert.equal(scopes, bound(drawn.at_use));
      for (const { word, bits } of WORDS) {
        assert.equal(checkToken(facts(drawn.at_use, [word])).ok, scopesWithin(bits, scopes), word);
      }
      if (ORDERS === undefined || levelIn(scopes, ORDERS) !== 'FullAccess') return;
      assert.ok(free, 'orders with a device that may not trade');
      traded += 1;
    }), { numRuns: 3000 });
    assert.ok(traded > 300, `only ${traded} could trade`);
  });

  it('P-04[B] without its API key, or with a disabled one, nothing is left of it', () => {
    fc.assert(fc.property(held, (scopes) => {
      for (const api_key of [undefined, apiKeyFor({ scopes, status: 'disabled', epoch: 18 })]) {
        const verdict = checkToken(session({ api_key, scopes: [] }));
        assert.ok(!verdict.ok);
        assert.equal(verdict.refusal.code, 'token_ended');
      }
    }), { numRuns: 50 });
  });
});
