/** Ending: grants once, links whole, and personal tokens. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endGrant, endLink } from '../../../src/core/decide/session/end-grants.ts';
import {
  deletePersonalToken, replacePersonalToken,
} from '../../../src/core/decide/sign-in/personal-token.ts';
import { linkId } from '../../../src/core/kinds/kinds.ts';
import {
  CODE_ID, CUSTOMER, GRANT_ID, NOW, appFor, codeFor, customerFor, digestOf, grantFor, linkFor,
} from '../facts.ts';
import { actions, changed, touched } from './changed.ts';

const ENDING = { by: 'customer', at: NOW } as const;
const LINK = linkId(CUSTOMER, appFor().id);
const SPENT = { is: 'spent', at: NOW - 1, grant: GRANT_ID } as const;

describe('ending a grant', () => {
  it('keeps everything of it but its state', () => {
    const ended = endGrant(GRANT_ID, grantFor(), ENDING);
    const state = { is: 'ended', ...ENDING };
    assert.deepEqual(changed(ended, 'grant', GRANT_ID), { ...grantFor(), state });
    assert.deepEqual(actions(ended), ['grant.ended']);
    assert.equal(ended.events[0]?.detail, 'customer');
  });

  it('that has ended or is gone changes nothing, nor who ended it', () => {
    const ended = grantFor({ state: { is: 'ended', at: 1, by: 'operator' } });
    for (const grant of [ended, undefined]) {
      assert.deepEqual(endGrant(GRANT_ID, grant, ENDING), { changes: [], events: [] });
    }
  });
});

describe('ending a link', () => {
  const second = `${CUSTOMER}second`;
  const spent = `${CUSTOMER}spent`;
  const link = linkFor({
    grants: [GRANT_ID, second],
    pending: [{ code: CODE_ID, expires_at: NOW + 1 }, { code: spent, expires_at: NOW + 1 }],
  });
  const codes = new Map([[CODE_ID, codeFor()], [spent, codeFor({ state: SPENT })]]);
  const code = (id: string) => codes.get(id);

  it('ends its grants and the codes that would have begun more, and empties it', () => {
    const ended = endLink({ link, grant: () => grantFor(), code }, ENDING);
    assert.deepEqual(touched(ended), [
      `code/${CODE_ID}`, `grant/${GRANT_ID}`, `grant/${second}`, `link/${LINK}`,
    ]);
    assert.deepEqual(changed(ended, 'code', CODE_ID)?.state, { is: 'ended', at: NOW });
    assert.equal(changed(ended, 'grant', second)?.state.is, 'ended');
    assert.deepEqual(changed(ended, 'link', LINK), linkFor());
    assert.deepEqual(actions(ended), ['grant.ended', 'grant.ended']);
  });

  it('with nothing in it changes nothing', () => {
    const nothing = { changes: [], events: [] };
    assert.deepEqual(endLink({ link: undefined, grant: () => grantFor(), code }, ENDING), nothing);
    assert.deepEqual(endLink({ link: linkFor(), grant: () => grantFor(), code }, ENDING), nothing);
  });

  it('with a pending code alone ends that', () => {
    const pending = [{ code: CODE_ID, expires_at: NOW + 1 }];
    const only = linkFor({ pending });
    const ended = endLink({ link: only, grant: () => undefined, code }, ENDING);
    assert.deepEqual(touched(ended), [`code/${CODE_ID}`, `link/${LINK}`]);
  });
});

describe('a personal token', () => {
  const fresh = { digest: digestOf('personal'), number: 4 };

  it('replaces the one before, with the next number', () => {
    const customer = customerFor({
      personal_token: { digest: digestOf('old'), issued_at: 1 }, personal_token_count: 3,
    });
    const decision = replacePersonalToken(customer, fresh, NOW);
    assert.deepEqual(changed(decision, 'customer', CUSTOMER), {
      ...customer,
      personal_token: { digest: fresh.digest, issued_at: NOW },
      personal_token_count: 4,
    });
    assert.deepEqual(actions(decision), ['personal_token.issued']);
  });

  it('when deleted keeps its number taken; deleting none is no change', () => {
    const customer = customerFor({
      personal_token: { digest: digestOf('old'), issued_at: 1 }, personal_token_count: 3,
    });
    const decision = deletePersonalToken(customer);
    const after = changed(decision, 'customer', CUSTOMER);
    assert.deepEqual(after, { ...customer, personal_token: null });
    assert.deepEqual(actions(decision), ['personal_token.ended']);
    const again = deletePersonalToken(customerFor());
    assert.deepEqual([again.changes, again.events], [[], []]);
  });
});
