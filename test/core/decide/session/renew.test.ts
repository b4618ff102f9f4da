/** Renewal in place: one number more of the same session or grant, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckFacts } from '../../../../src/core/decide/session/check-token.ts';
import { renew } from '../../../../src/core/decide/session/renew.ts';
import {
  CUSTOMER, GRANT_ID, NOW, SESSION, SITE, appFor, customerFor, grantFor, rosterFor, sessionFor,
} from '../../facts.ts';
import { EVICTED, session, signed } from '../../session/session-facts.ts';
import { actions, changed, touched } from '../changed.ts';

const OTHER = sessionFor({ id: 'othersessio', last_number: 5 });

function renewing(over: Partial<CheckFacts> = {}): CheckFacts {
  return session({
    scopes: [], roster: rosterFor({ sessions: [OTHER, sessionFor()], blocked_devices: ['d'] }),
    ...over,
  });
}

describe('renewing a token of a session', () => {
  it('counts one more and moves the end of its tokens, of this session alone', () => {
    const facts = renewing();
    const decision = renew(facts);
    const next = sessionFor({
      last_number: 2, last_used_at: NOW, tokens_end_at: NOW + 4_800_000,
    });
    assert.deepEqual(touched(decision), [`roster/${CUSTOMER}`]);
    assert.deepEqual(
      changed(decision, 'roster', CUSTOMER), { ...facts.roster, sessions: [OTHER, next] },
    );
    assert.ok(decision.result.ok);
    const { verdict, ...rest } = decision.result.value;
    assert.deepEqual(rest, {
      number: 2, expires_at: NOW + 4_800_000, id: CUSTOMER + SESSION, is: 'session', grant: null,
    });
    assert.equal(verdict.customer, facts.customer);
    assert.deepEqual(decision.events, [{
      action: 'token.renewed', outcome: 'ok', customer: CUSTOMER, app: undefined, object: SESSION,
    }]);
  });

  it('leaves when it was opened and its epochs as they are, so that the chain ends', () => {
    const opened_at = NOW - 86_399_999;
    const roster = rosterFor({ sessions: [sessionFor({ opened_at })] });
    const after = changed(renew(renewing({ roster })), 'roster', CUSTOMER)?.sessions[0];
    assert.equal(after?.opened_at, opened_at);
    assert.deepEqual(after.epochs, sessionFor().epochs);
    const late = renew(renewing({
      roster: rosterFor({ sessions: [after] }), now: NOW + 1,
      bearer: { ...renewing().bearer, expires_at: NOW + 2 } as CheckFacts['bearer'],
    }));
    assert.ok(!late.result.ok);
    assert.equal(late.result.refusal.rule, 'renew.chain');
    assert.deepEqual([late.changes, late.events], [[], []]);
  });

  it('moves the numbers that were ended singly along', () => {
    const roster = rosterFor({ sessions: [sessionFor({ last_number: 1, ended_numbers: '' })] });
    assert.equal(changed(renew(renewing({ roster })), 'roster', CUSTOMER)?.sessions[0]
      ?.ended_numbers, '');
    const ended = rosterFor({ sessions: [sessionFor({ last_number: 3, ended_numbers: '3' })] });
    const after = changed(renew(renewing({ roster: ended })), 'roster', CUSTOMER);
    assert.equal(after?.sessions[0]?.ended_numbers, '6');
  });

  it('of nineteen in turn never opens a session and never closes one', () => {
    let { roster } = renewing();
    for (let i = 1; i < 20; i++) {
      const decision = renew(renewing({ roster }));
      assert.ok(decision.result.ok);
      roster = changed(decision, 'roster', CUSTOMER) ?? undefined;
      assert.deepEqual(roster?.sessions.map(({ id }) => id), [OTHER.id, SESSION]);
    }
    assert.equal(roster?.sessions[1]?.last_number, 20);
    assert.deepEqual(roster.evicted, []);
  });

  it('of a session that was closed changes nothing', () => {
    const decision = renew(renewing({ roster: EVICTED }));
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.code, 'session_evicted');
    assert.deepEqual([decision.changes, decision.events], [[], []]);
  });
});

describe('renewing a token of a grant', () => {
  it('counts one more; refresh token, chain and end stay as they are', () => {
    const grant = grantFor({ last_number: 3, ended_numbers: '1', ends_at: NOW + 1 });
    const facts = signed(SITE.issuer, grant, { scopes: [] });
    const decision = renew({
      ...facts, bearer: { ...facts.bearer, number: 3 - 1 } as CheckFacts['bearer'],
    });
    const next = { ...grant, last_number: 4, ended_numbers: '2', last_used_at: NOW };
    assert.deepEqual(touched(decision), [`grant/${GRANT_ID}`]);
    assert.deepEqual(changed(decision, 'grant', GRANT_ID), next);
    assert.ok(decision.result.ok);
    const { verdict, ...rest } = decision.result.value;
    assert.deepEqual(rest, {
      number: 4, expires_at: NOW + 4_800_000, id: GRANT_ID, is: 'grant', grant: next,
    });
    assert.equal(verdict.app, appFor().id);
    assert.deepEqual(verdict.session, null);
    assert.deepEqual(actions(decision), ['token.renewed']);
    assert.equal(decision.events[0]?.object, GRANT_ID.slice(CUSTOMER.length));
    assert.equal(decision.events[0]?.app, appFor().id);
  });

  it('of who may not sign in says the status and changes nothing', () => {
    const customer = customerFor({ status: 'unconfirmed' });
    const decision = renew(signed(SITE.issuer, {}, { scopes: [], customer }));
    assert.ok(!decision.result.ok);
    assert.equal(decision.result.refusal.customer_status, 'unconfirmed');
    assert.deepEqual([decision.changes, decision.events], [[], []]);
  });
});
