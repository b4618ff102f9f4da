/** Epochs: what was born under an older one is dead and stays dead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkToken } from '../../../src/core/decide/session/check-token.ts';
import { CUSTOMER_STATUS } from '../../../src/core/kinds/customer.ts';
import {
  type Pillars, codeFault, grantFault, loginFault,
} from '../../../src/core/rules/standing.ts';
import {
  CUSTOMER, GRANT_ID, NOW, NO_SESSION, appFor, codeFor, customerFor, digestOf, grantFor, loginFor,
  profileFor, worldFor,
} from '../facts.ts';

const status = fc.constantFrom(...CUSTOMER_STATUS);
const app_status = fc.constantFrom('pending', 'approved', 'disabled');
const epoch = fc.integer({ min: 1, max: 3 });

/** What operators may do: a status set back never sets an epoch back. */
const pillars = fc.record({
  status, app_status, standing: epoch, credentials: epoch, app: epoch, world: epoch,
});
type Drawn = typeof pillars extends fc.Arbitrary<infer T> ? T : never;

function pillarsOf(drawn: Drawn): Pillars {
  const { standing, credentials } = drawn;
  return {
    customer: customerFor({ status: drawn.status, epochs: { standing, credentials } }),
    app: appFor({ status: drawn.app_status, epoch: drawn.app }),
    world: worldFor({ epoch: drawn.world }),
  };
}

const born = fc.record({ standing: epoch, credentials: epoch, app: epoch, world: epoch });

describe('standing', () => {
  it('lets live only what was born under every epoch of now, of active and approved', () => {
    fc.assert(fc.property(pillars, born, (drawn, epochs) => {
      const now = pillarsOf(drawn);
      const same = (['standing', 'app', 'world'] as const)
        .every((name) => epochs[name] === drawn[name]);
      const upright = drawn.status === 'active' && drawn.app_status === 'approved';
      const grant = grantFor({ epochs: { ...epochs, refresh: 0 } });
      assert.equal(grantFault(grant, now, NOW) === null, same && upright);
      const code = codeFor({ epochs });
      const credentials = epochs.credentials === drawn.credentials;
      assert.equal(codeFault(code, now) === null, same && upright && credentials);
      const login = loginFor({ epochs });
      const hers = epochs.standing === drawn.standing && credentials;
      assert.equal(
        loginFault(login, now.customer, NOW) === null, hers && drawn.status === 'active',
      );
    }), { numRuns: 5000 });
  });

  it('revives nothing when a status is set back', () => {
    const locked = customerFor({ status: 'locked', epochs: { standing: 8, credentials: 11 } });
    const back = { ...locked, status: 'active' } as const;
    const rest = { app: appFor(), world: worldFor() };
    for (const customer of [locked, back]) {
      assert.notEqual(grantFault(grantFor(), { ...rest, customer }, NOW), null);
      assert.notEqual(codeFault(codeFor(), { ...rest, customer }), null);
      assert.notEqual(loginFault(loginFor(), customer, NOW), null);
    }
  });

  it('ends a sign-in at its end, when signed out, and without a customer', () => {
    const customer = customerFor();
    assert.equal(loginFault(loginFor({ expires_at: NOW + 1 }), customer, NOW), null);
    assert.notEqual(loginFault(loginFor({ expires_at: NOW }), customer, NOW), null);
    assert.notEqual(loginFault(loginFor(), undefined, NOW), null);
    const out = loginFor({ state: { is: 'ended', at: 1 } });
    assert.notEqual(loginFault(out, customer, NOW), null);
  });
});

describe('a verdict', () => {
  const bearer = {
    is: 'access_token', grant_id: GRANT_ID, customer: CUSTOMER, number: 3, scopes: 1 | 4 | 8,
    expires_at: NOW + 1, audience: null,
  } as const;
  const facts = {
    ...NO_SESSION,
    profile: profileFor(), bearer, grant: grantFor({ last_number: 3, scopes: 1 | 4 }),
    customer: customerFor(), app: appFor({ scopes: 4 | 8 }), world: worldFor(), scopes: [],
    account: null, now: NOW,
  };

  it('says what token, grant and app allow together', () => {
    assert.deepEqual(checkToken(facts), {
      ok: true,
      value: {
        customer: customerFor(), app: appFor().id, scopes: 4, accounts: customerFor().accounts,
        expires_at: NOW + 1, session: null,
      },
    });
  });

  it('names the scopes that are missing, in order', () => {
    const result = checkToken({ ...facts, scopes: ['market', 'trade', 'read'] });
    assert.ok(!result.ok);
    assert.deepEqual(result.refusal.scopes, ['read', 'market']);
  });

  it('of a personal token is all scopes, no app and no end', () => {
    const personal_token = { digest: digestOf('personal'), issued_at: 0 };
    const customer = customerFor({ personal_token });
    const result = checkToken({
      ...facts,
      bearer: { is: 'personal_token', customer: CUSTOMER, digest: digestOf('personal'), number: 1 },
      grant: undefined, app: undefined, customer,
    });
    const { accounts } = customer;
    const value = {
      customer, app: null, scopes: 31, accounts, expires_at: null, session: null,
    };
    assert.deepEqual(result, { ok: true, value });
  });
});
