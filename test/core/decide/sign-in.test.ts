/** Signing in: one refusal for every reason, and what a success leaves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SignInFacts, endLogin, signIn } from '../../../src/core/decide/sign-in/sign-in.ts';
import { CUSTOMER, NOW, customerFor, digestOf, loginFor } from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

const LOGIN = `${CUSTOMER}loginlogin1`;
const BEFORE = `${CUSTOMER}loginbefore`;

function facts(over: Partial<SignInFacts> = {}): SignInFacts {
  return {
    customer: customerFor(),
    verified: { hash: 'hash-1', matches: true },
    rehash: null,
    previous: null,
    fresh: { login_id: LOGIN, digest: digestOf('fresh') },
    address: '192.0.2.1',
    now: NOW,
    ...over,
  };
}

describe('a sign-in', () => {
  it('makes a login of eight hours under the epochs of now', () => {
    const decision = signIn(facts());
    assert.deepEqual(decision.result, { ok: true, value: { login_id: LOGIN } });
    assert.deepEqual(touched(decision), [`login/${LOGIN}`]);
    assert.deepEqual(changed(decision, 'login', LOGIN), loginFor({
      digest: digestOf('fresh'), signed_in_at: NOW, expires_at: NOW + 8 * 3_600_000,
    }));
    assert.deepEqual(actions(decision), ['login.succeeded']);
  });

  it('ends the sign-in that this browser had', () => {
    const previous = { id: BEFORE, login: loginFor() };
    const decision = signIn(facts({ previous }));
    assert.deepEqual(changed(decision, 'login', BEFORE)?.state, { is: 'ended', at: NOW });
    assert.equal(changed(decision, 'login', LOGIN)?.state.is, 'live');
  });

  it('stores a stronger hash of the same password and changes no epoch', () => {
    const decision = signIn(facts({ rehash: 'hash-2' }));
    const after = changed(decision, 'customer', CUSTOMER);
    assert.deepEqual(after, customerFor({ password_hash: 'hash-2' }));
  });

  const refused: readonly (readonly [string, Partial<SignInFacts>])[] = [
    ['an unknown name', { customer: undefined, verified: { hash: null, matches: false } }],
    ['an unknown name whose stand-in hash matched', {
      customer: undefined, verified: { hash: null, matches: true },
    }],
    ['a wrong password', { verified: { hash: 'hash-1', matches: false } }],
    ['a password changed while it was compared', {
      verified: { hash: 'hash-0', matches: true }, rehash: 'hash-2',
    }],
    ['a locked customer', { customer: customerFor({ status: 'locked' }) }],
    ['a closed customer', { customer: customerFor({ status: 'closed' }) }],
  ];
  for (const [says, over] of refused) {
    it(`is refused for ${says}, as for every other reason`, () => {
      const decision = signIn(facts({ ...over, previous: { id: BEFORE, login: loginFor() } }));
      assert.ok(!decision.result.ok);
      assert.equal(decision.result.refusal.code, 'sign_in_failed');
      assert.equal(decision.result.refusal.rule, 'sign_in.password');
      assert.deepEqual(decision.changes, []);
      assert.deepEqual(actions(decision), ['login.failed']);
    });
  }
});

describe('signing out', () => {
  it('ends the login once', () => {
    const [change] = endLogin({ id: LOGIN, login: loginFor() }, NOW);
    const ended = loginFor({ state: { is: 'ended', at: NOW } });
    assert.deepEqual(change, { kind: 'login', id: LOGIN, value: ended });
    assert.deepEqual(endLogin({ id: LOGIN, login: ended }, NOW + 1), []);
  });
});
