/** Signing in through the real flow: limits under bursts, one answer, one login a browser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBrowser, signIn, signedInBrowser, valueOf } from './browser.ts';
import { type House, customerWithPassword, openHouse } from './house.ts';

const ALICE = customerWithPassword();
const BOB = customerWithPassword({
  id: 'customer002', login_name: 'bob', accounts: ['6YB00001'],
});
const WRONG = 'wrong password';

async function attempt(
  house: House,
  name: string,
  form: { readonly password?: string; readonly address?: string } = {},
): Promise<string> {
  const flow_cookie = await openBrowser(house);
  const step = valueOf(await signIn(house, flow_cookie, { name, ...form }));
  return step.is === 'done' ? 'done' : (step.refusal?.code ?? 'no refusal');
}

function count(answers: readonly string[], code: string): number {
  return answers.filter((answer) => answer === code).length;
}

function houseWithBoth(): Promise<House> {
  return openHouse({ customers: [ALICE, BOB] });
}

describe('a burst of wrong passwords', () => {
  it('for one name and network is compared five times, whoever is first', async () => {
    const house = await houseWithBoth();
    const answers = await Promise.all(Array.from({ length: 64 }, () =>
      attempt(house, ALICE.login_name, { password: WRONG })));
    assert.equal(count(answers, 'sign_in_failed'), 5);
    assert.equal(count(answers, 'sign_in_limited'), 59);
    assert.equal(await attempt(house, ALICE.login_name), 'sign_in_limited');
  });

  it('for an unknown name is limited alike', async () => {
    const house = await houseWithBoth();
    const answers = await Promise.all(Array.from({ length: 20 }, () =>
      attempt(house, 'nobody', { password: WRONG })));
    assert.equal(count(answers, 'sign_in_failed'), 5);
  });

  it('leaves another customer and another network alone, and ends with its window', async () => {
    const house = await houseWithBoth();
    for (let i = 0; i < 6; i++) await attempt(house, ALICE.login_name, { password: WRONG });
    assert.equal(await attempt(house, BOB.login_name), 'done');
    assert.equal(await attempt(house, ALICE.login_name, { address: '198.51.100.1' }), 'done');
    const near = await attempt(house, ALICE.login_name, { address: '192.0.2.99' });
    assert.equal(near, 'sign_in_limited');
    house.clock.ms += 900_000;
    assert.equal(await attempt(house, ALICE.login_name), 'done');
  });

  it('shares its limit over all spellings of a name', async () => {
    const house = await houseWithBoth();
    const spellings = [
      'customer', 'CUSTOMER', ' customer ', '\uff43ustomer', 'Customer', 'cuSTomer',
    ];
    const answers: string[] = [];
    for (const name of spellings) answers.push(await attempt(house, name, { password: WRONG }));
    assert.equal(answers.at(-1), 'sign_in_limited');
    assert.equal(count(answers, 'sign_in_failed'), 5);
  });

  it('from twenty networks meets the limit of the name', async () => {
    const house = await houseWithBoth();
    const answers: string[] = [];
    for (let i = 0; i < 25; i++) {
      const address = `198.51.${i}.1`;
      answers.push(await attempt(house, ALICE.login_name, { password: WRONG, address }));
    }
    assert.equal(count(answers, 'sign_in_failed'), 20);
  });
});

describe('right passwords', () => {
  it('do not use up the limit of failures', async () => {
    const house = await houseWithBoth();
    for (let i = 0; i < 30; i++) assert.equal(await attempt(house, ALICE.login_name), 'done');
  });

  it('are no failures either when they come with wrong ones at once', async () => {
    const house = await houseWithBoth();
    const wrong = Array.from({ length: 4 }, () =>
      attempt(house, ALICE.login_name, { password: WRONG }));
    assert.deepEqual(await Promise.all(wrong), Array(4).fill('sign_in_failed'));
    assert.equal(await attempt(house, ALICE.login_name), 'done');
    assert.equal(await attempt(house, ALICE.login_name, { password: WRONG }), 'sign_in_failed');
    assert.equal(await attempt(house, ALICE.login_name), 'sign_in_limited');
  });
});

describe('a sign-in', () => {
  it('by a fault of the password pool counts as no failure', async () => {
    const house = await houseWithBoth();
    const { passwords } = house.flows.deps as { passwords: { verify: unknown } };
    const { verify } = passwords;
    passwords.verify = () => Promise.reject(new Error('pool is gone'));
    for (let i = 0; i < 9; i++) await assert.rejects(attempt(house, ALICE.login_name));
    passwords.verify = verify;
    assert.equal(await attempt(house, ALICE.login_name), 'done');
  });

  it('in a browser ends the one that was there before', async () => {
    const house = await houseWithBoth();
    const first = await signedInBrowser(house, ALICE);
    const csrf = house.flows.deps.seals.csrf(first.flow_cookie, 'sign-in');
    const second = valueOf(await house.send('sign_in', {
      ...first, csrf, fetch_site: 'same-origin', name: BOB.login_name, password: 'demo password',
      request: null,
    }));
    assert.equal(second.is, 'done');
    const view = valueOf(await house.send('show_connections', first));
    assert.equal(view, null);
  });

  it('is refused from another site, without its form token, and without our cookie', async () => {
    const house = await houseWithBoth();
    const flow_cookie = await openBrowser(house);
    const csrf = house.flows.deps.seals.csrf(flow_cookie, 'sign-in');
    const form = {
      flow_cookie, login_cookie: null, csrf, fetch_site: null, name: ALICE.login_name,
      password: 'demo password', request: null,
    };
    const refusal = async (over: Partial<typeof form> | { fetch_site: string }) => {
      const result = await house.send('sign_in', { ...form, ...over });
      return result.ok ? result.value.is : result.refusal.code;
    };
    assert.equal(await refusal({ fetch_site: 'cross-site' }), 'cross_site');
    assert.equal(await refusal({ fetch_site: 'same-site' }), 'cross_site');
    assert.equal(await refusal({ csrf: `${csrf}x` }), 'csrf_mismatch');
    const other = house.flows.deps.seals.csrf(await openBrowser(house), 'sign-in');
    assert.equal(await refusal({ csrf: other }), 'csrf_mismatch');
    assert.equal(await refusal({ flow_cookie: 'cs_live_flow_forged' }), 'browser_unknown');
    assert.equal(await refusal({}), 'done');
  });
});
