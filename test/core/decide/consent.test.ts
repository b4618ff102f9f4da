/** Yes and no at the consent page. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ConsentFacts, allow, answerIsKept, deny,
} from '../../../src/core/decide/authorize/decide-consent.ts';
import { linkId } from '../../../src/core/kinds/kinds.ts';
import {
  CODE_ID, CUSTOMER, NOW, SIGNED_IN_AT, appFor, claimedBy, codeFor, customerFor, digestOf,
  linkFor, requestedFor, worldFor,
} from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

const BROWSER = digestOf('her browser');
const LINK = linkId(CUSTOMER, appFor().id);
const LOCATION = 'https://app.example/cb?code=c&state=state';
const REQUEST = requestedFor().id;

function facts(over: Partial<ConsentFacts> = {}): ConsentFacts {
  return {
    requested: requestedFor(),
    record: claimedBy(BROWSER),
    app: appFor(),
    customer: customerFor(),
    signed_in_at: SIGNED_IN_AT,
    link: undefined,
    world: worldFor(),
    code: () => undefined,
    challenge_repeated: false,
    fresh: {
      code_id: CODE_ID, code_digest: digestOf('code'), location: LOCATION,
      sealed_location: 'sealed',
    },
    now: NOW,
    ...over,
  };
}

const ANSWERED = {
  ...claimedBy(BROWSER), state: { is: 'answered', at: NOW, sealed_location: 'sealed' },
};

describe('allow', () => {
  it('issues one code under the epochs of now, pending in the link', () => {
    const decision = allow(facts());
    assert.deepEqual(decision.result, { ok: true, value: LOCATION });
    assert.deepEqual(
      touched(decision), [`code/${CODE_ID}`, `link/${LINK}`, `request/${REQUEST}`],
    );
    assert.deepEqual(changed(decision, 'code', CODE_ID), codeFor({
      issued_at: NOW, expires_at: NOW + 600_000,
    }));
    assert.deepEqual(changed(decision, 'link', LINK), linkFor({
      pending: [{ code: CODE_ID, expires_at: NOW + 600_000 }],
    }));
    assert.deepEqual(changed(decision, 'request', REQUEST), ANSWERED);
    assert.deepEqual(actions(decision), ['consent.given', 'code.issued']);
  });

  it('keeps grants and codes that still pend, and forgets codes that expired', () => {
    const pending = [
      { code: 'stale', expires_at: NOW }, { code: 'fresh', expires_at: NOW + 1 },
    ];
    const decision = allow(facts({ link: linkFor({ grants: ['g'], pending }) }));
    assert.deepEqual(changed(decision, 'link', LINK), linkFor({
      grants: ['g'],
      pending: [pending[1] ?? { code: '', expires_at: 0 },
        { code: CODE_ID, expires_at: NOW + 600_000 }],
    }));
  });

  it('ends the oldest of 50 codes that pend, and leaves a used one as it is', () => {
    const pending = Array.from({ length: 50 }, (_, i) => ({ code: `c${i}`, expires_at: NOW + 1 }));
    const link = linkFor({ pending });
    const decision = allow(facts({ link, code: () => codeFor() }));
    assert.deepEqual(changed(decision, 'code', 'c0')?.state, { is: 'ended', at: NOW });
    assert.deepEqual(changed(decision, 'link', LINK)?.pending, [
      ...pending.slice(1), { code: CODE_ID, expires_at: NOW + 600_000 },
    ]);
    const spent = codeFor({ state: { is: 'spent', at: NOW, grant: 'g' } });
    const other = allow(facts({ link, code: () => spent }));
    assert.equal(changed(other, 'code', 'c0'), undefined);
    const room = allow(facts({ link: linkFor({ pending: pending.slice(1) }) }));
    assert.equal(changed(room, 'link', LINK)?.pending.length, 50);
  });

  it('gives the code no more than the request and the app, and the request its challenge', () => {
    const requested = requestedFor({ scopes: 1 | 4, code_challenge: digestOf('challenge') });
    const decision = allow(facts({ requested, app: appFor({ scopes: 4 | 8 }) }));
    const code = changed(decision, 'code', CODE_ID);
    assert.equal(code?.scopes, 4);
    assert.equal(code.code_challenge, digestOf('challenge'));
  });

  it('gives the code what the tokens will be for, the nonce and when she signed in', () => {
    const requested = requestedFor({ resource: 'https://api.example', nonce: '' });
    const decision = allow(facts({ requested, signed_in_at: NOW - 7 }));
    const code = changed(decision, 'code', CODE_ID);
    assert.equal(code?.resource, 'https://api.example');
    assert.equal(code.nonce, '');
    assert.equal(code.signed_in_at, NOW - 7);
  });

  it('flags a challenge that was in another flow', () => {
    const flag = (challenge_repeated: boolean) =>
      allow(facts({ challenge_repeated })).events[1]?.detail;
    assert.equal(flag(true), 'challenge_repeated');
    assert.equal(flag(false), undefined);
  });
});

describe('deny', () => {
  it('issues nothing and keeps the answer all the same', () => {
    const decision = deny(facts());
    assert.deepEqual(touched(decision), [`request/${REQUEST}`]);
    assert.deepEqual(changed(decision, 'request', REQUEST), ANSWERED);
    assert.deepEqual(actions(decision), ['consent.denied']);
  });
});

describe('an answer', () => {
  it('is kept for 60 seconds, and one that was not given is not', () => {
    const record = { ...claimedBy(BROWSER), state: {
      is: 'answered', at: NOW, sealed_location: 'sealed',
    } } as const;
    assert.equal(answerIsKept(record, NOW + 59_999), true);
    assert.equal(answerIsKept(record, NOW + 60_000), false);
    assert.equal(answerIsKept(claimedBy(BROWSER), NOW), false);
  });
});
