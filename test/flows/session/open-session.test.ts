/** Sessions through the real flow: keys, challenges, passwords, renewal, and what limits count. */
import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { SessionAnswer, SessionSignIn } from '../../../src/core/commands.ts';
import type { Profile } from '../../../src/core/rules/profile.ts';
import type { Result } from '../../../src/core/rules/refusals.ts';
import { CUSTOMER, DIALECT, apiKeyFor, customerFor, sessionProfileFor } from '../../core/facts.ts';
import { act, codeOf, valueOf } from '../browser.ts';
import {
  BREACHED, type House, type HouseOptions, PASSWORD, SECRET, apiKeyWithSecret,
  customerWithPassword, openHouse,
} from '../house.ts';

const KEY = apiKeyWithSecret();
const PENALTIES: NonNullable<Profile['penalties']> = {
  sign_in: {
    free: 5, counts: 'failures', back_off_s: 15, ticket: 'needed', captcha: 'escalate',
  },
  renew: { free: 15, counts: 'calls', back_off_s: 15, ticket: 'not_needed', captcha: 'never' },
  identity: {
    free: 10, counts: 'failures', back_off_s: 30, ticket: 'not_needed', captcha: 'never',
  },
};

function open(options: HouseOptions = {}): Promise<House> {
  return openHouse({
    api_keys: [KEY], ...options, profile: { ...sessionProfileFor(), ...options.profile },
  });
}

type SignIn = Partial<Omit<SessionSignIn, 'profile'>>;

function signIn(house: House, over: SignIn = {}, address?: string) {
  return house.send('open_session', {
    profile: house.profile, key: { id: KEY.id, secret: SECRET }, app_name: KEY.name,
    app_version: '1.0', device: 'a-device', name: 'customer', password: PASSWORD,
    password_encoded: false, breach_check: false, challenge: null, ticket: null, body_text: '{}',
    ...over,
  }, address);
}

function check(house: House, bearer: string, scopes: string[] = []) {
  return house.send('check_token', {
    profile: house.profile, bearer, scopes, bucket: 'standard', account: null,
  });
}

const penalized = (house: House, bearer: string) => ({
  profile: house.profile, bearer, scopes: [], bucket: 'standard', account: null, penalized: true,
  ticket: null,
} as const);

describe('a sign-in with an API key', () => {
  it('AT-V25 gives two tokens of one session, with who she is', async () => {
    const house = await open();
    const answer = valueOf(await signIn(house));
    assert.notEqual(answer.access_token, answer.stream_token);
    assert.equal(answer.expires_at, house.clock.ms + 4_800_000);
    assert.equal(answer.breach, null);
    const { number, login_name, name, email, email_verified, features } = customerFor();
    assert.deepEqual(answer.identity, {
      number, login_name, name, email, email_verified, status: 'active', features,
      has_accounts: true,
    });
    assert.equal((await house.record('roster', CUSTOMER))?.sessions.length, 1);
    assert.equal(codeOf(await check(house, answer.access_token, ['Orders:FullAccess'])), 'ok');
    assert.equal(codeOf(await check(house, answer.stream_token ?? '')), 'token_unknown');
  });

  it('is not served where there is no API key at all, and is where none is needed', async () => {
    const none = await open({ api_keys: [] });
    assert.equal(codeOf(await signIn(none)), 'path_unknown');
    const disabled = await open({ api_keys: [apiKeyWithSecret({ status: 'disabled' })] });
    assert.equal(codeOf(await signIn(disabled)), 'api_key_refused');
    const sessions = { ...none.profile.sessions!, keyless: true };
    const keyless = await open({ api_keys: [], profile: { sessions } });
    const answer = valueOf(await signIn(keyless, { key: null, app_name: null }));
    assert.equal(codeOf(await check(keyless, answer.access_token, ['Orders:FullAccess'])), 'ok');
  });

  it('AT-V27, AT-V28 says of a key nothing but that, of a name and password neither', async () => {
    const house = await open();
    const table: readonly (readonly [SignIn, string])[] = [
      [{ key: { id: '9', secret: SECRET } }, 'api_key_refused'],
      [{ key: { id: KEY.id, secret: 'wrong' } }, 'api_key_refused'],
      [{ key: { id: KEY.id, secret: '' } }, 'api_key_refused'],
      [{ key: null }, 'api_key_refused'],
      [{ app_name: 'Other' }, 'api_key_refused'],
      [{ name: 'nobody' }, 'sign_in_failed'],
      [{ password: 'wrong' }, 'sign_in_failed'],
      [{ name: null }, 'sign_in_failed'],
      [{ password: null }, 'sign_in_failed'],
      [{ password_encoded: true }, 'password_form'],
    ];
    for (const [over, code] of table) {
      const answer = await signIn(house, over);
      assert.equal(codeOf(answer), code, JSON.stringify(over));
      assert.ok(!answer.ok && answer.refusal.customer_status === undefined);
    }
    assert.equal(await house.record('roster', CUSTOMER), undefined);
  });

  it('AT-V29 says her status to who knows her password', async () => {
    const customers = [customerWithPassword({ status: 'unconfirmed' })];
    const house = await open({ customers });
    const right = await signIn(house);
    assert.ok(!right.ok && right.refusal.customer_status === 'unconfirmed');
    assert.equal(codeOf(await signIn(house, { password: 'wrong' })), 'sign_in_failed');
  });

  it('AT-V33 a third one closes the oldest, whose token is told apart until its end', async () => {
    const house = await open();
    const answers: SessionAnswer[] = [];
    for (let i = 0; i < 3; i++) answers.push(valueOf(await signIn(house)));
    const codes = async () => Promise.all(
      answers.map(async ({ access_token }) => codeOf(await check(house, access_token))),
    );
    assert.deepEqual(await codes(), ['session_evicted', 'ok', 'ok']);
    house.clock.ms += 4_800_000;
    assert.equal((await codes())[0], 'token_expired');
  });

  it('AT-V34 of 64 at once the two newest are left', async () => {
    const house = await open();
    house.settings.danger_limits_off = true;
    const all = await Promise.all(Array.from({ length: 64 }, () => signIn(house)));
    const codes = await Promise.all(
      all.map(async (one) => codeOf(await check(house, valueOf(one).access_token))),
    );
    assert.equal(codes.filter((code) => code === 'ok').length, 2);
    assert.equal(codes.filter((code) => code === 'session_evicted').length, 62);
  });

  it('AT-V30 says that a password is listed, when asked and right', async () => {
    const house = await open({
      customers: [customerWithPassword({ password_hash: `plain:${BREACHED}` })],
    });
    const ask = (over: SignIn) => signIn(house, { password: BREACHED, ...over });
    assert.equal(valueOf(await ask({ breach_check: true })).breach, 'password');
    assert.equal(valueOf(await ask({})).breach, null);
  });

  it('with the password of the key opens a session of its owner alone', async () => {
    const bob = customerWithPassword({
      id: 'bobbobbobbo', number: 2, login_name: 'bob', accounts: [],
    });
    const own = apiKeyWithSecret({
      owner: { is: 'customer', customer: CUSTOMER }, password_hash: 'plain:of the key',
    });
    const house = await open({ api_keys: [own], customers: [customerWithPassword(), bob] });
    assert.equal(codeOf(await signIn(house, { password: 'of the key' })), 'ok');
    assert.equal(codeOf(await signIn(house)), 'ok');
    const bobs = { name: 'bob', password: 'of the key' };
    assert.equal(codeOf(await signIn(house, bobs)), 'sign_in_failed');
    assert.equal(codeOf(await signIn(house, { name: 'bob' })), 'api_key_refused');
  });
});

describe('limits of sign-ins', () => {
  const limited = () => open({ profile: { penalties: PENALTIES } });

  it('AT-V41 count every failure, whatever it was', async () => {
    const house = await limited();
    const failures: readonly SignIn[] = [
      { password: 'wrong' }, { key: null }, { password_encoded: true }, { name: 'nobody' },
      { app_name: 'Other' },
    ];
    for (const over of failures) assert.equal((await signIn(house, over)).ok, false);
    const sixth = await signIn(house);
    assert.ok(!sixth.ok);
    assert.equal(sixth.refusal.code, 'penalty');
    house.clock.ms += 15_000;
    const ticket = sixth.refusal.penalty?.ticket ?? null;
    assert.equal(codeOf(await signIn(house, { ticket })), 'ok');
  });

  it('count no fault of ours', async () => {
    const house = await limited();
    house.store.on_commit = () => Promise.reject(new Error('disk'));
    for (let i = 0; i < 10; i++) await assert.rejects(() => signIn(house));
    house.store.on_commit = null;
    assert.equal(codeOf(await signIn(house)), 'ok');
  });

  it('stop who guesses one name from many networks', async () => {
    const house = await limited();
    const codes = [];
    for (let i = 0; i < 21; i++) {
      codes.push(codeOf(await signIn(house, { password: 'wrong' }, `198.51.${i}.1`)));
    }
    assert.deepEqual(codes, [...Array<string>(20).fill('sign_in_failed'), 'sign_in_limited']);
  });
});

describe('a challenge', () => {
  const PROGRAM = 'Our program';
  const PLAIN = 'demo-secret-of-our-own-program-12345678';
  /** What the program answers, told by the contract and not by our code. */
  const answerTo = (...texts: (string | null)[]) =>
    createHmac('sha256', hash('sha256', PLAIN, 'buffer')).update(JSON.stringify(texts))
      .digest('hex');

  async function ours(over: { readonly challenge_required?: boolean } = {}) {
    const house = await open();
    valueOf(await act(house, 'api-key.create', {
      name: PROGRAM, owner: 'partner', cid: '77', secret: PLAIN, dialect: DIALECT,
      first_party: true, ...over,
    }));
    const asked = async (device: string | null = null, address?: string) => valueOf(
      await house.send('issue_challenge', { profile: house.profile, device }, address),
    );
    const answer = (challenge: string, more: SignIn = {}, address?: string) => {
      const { device = 'a-device', name = 'customer', password = PASSWORD } = more;
      const secret = answerTo(challenge, device, name, password, PROGRAM);
      return signIn(house, {
        key: { id: '77', secret }, app_name: PROGRAM, challenge, ...more,
      }, address);
    };
    return { house, asked, answer };
  }

  it('AT-V53 stands in for the secret, once', async () => {
    const { asked, answer } = await ours();
    const { challenge } = await asked();
    assert.match(challenge, /^[1-9][0-9]{19}$/);
    assert.equal(codeOf(await answer(challenge)), 'ok');
    assert.equal(codeOf(await answer(challenge)), 'challenge_refused');
  });

  it('AT-V53 is over after 120 s, of its subnet alone, and of its device if any', async () => {
    const { house, asked, answer } = await ours();
    const old = await asked();
    assert.equal(old.expires_at, house.clock.ms + 120_000);
    house.clock.ms += 120_000;
    assert.equal(codeOf(await answer(old.challenge)), 'challenge_refused');
    const { challenge } = await asked();
    assert.equal(codeOf(await answer(challenge, {}, '198.51.100.1')), 'challenge_refused');
    assert.equal(codeOf(await answer(challenge, {}, '192.0.2.200')), 'ok');
    const bound = await asked('a-device');
    assert.equal(codeOf(await answer(bound.challenge, { device: 'other' })), 'challenge_refused');
    assert.equal(codeOf(await answer(bound.challenge)), 'ok');
    assert.equal(codeOf(await answer('11111111111111111111')), 'challenge_refused');
  });

  it('is spent by a wrong answer, too', async () => {
    const { asked, answer } = await ours();
    const { challenge } = await asked();
    const wrong = { key: { id: '77', secret: 'f'.repeat(64) } };
    assert.equal(codeOf(await answer(challenge, wrong)), 'api_key_refused');
    assert.equal(codeOf(await answer(challenge)), 'challenge_refused');
  });

  it('binds name, password and program', async () => {
    for (const over of [{ app_name: 'Other' }, { device: null }]) {
      const { asked, answer, house } = await ours();
      const { challenge } = await asked();
      const secret = answerTo(challenge, 'a-device', 'nobody', PASSWORD, PROGRAM);
      assert.equal(codeOf(await answer(challenge, { key: { id: '77', secret }, ...over })),
        'api_key_refused');
      assert.equal(await house.record('roster', CUSTOMER), undefined);
    }
  });

  it('may be left out, unless the key must answer one', async () => {
    const plain = { key: { id: '77', secret: PLAIN }, app_name: PROGRAM };
    const free = await ours();
    assert.equal(codeOf(await signIn(free.house, plain)), 'ok');
    const bound = await ours({ challenge_required: true });
    assert.equal(codeOf(await signIn(bound.house, plain)), 'api_key_refused');
    const { challenge } = await bound.asked();
    assert.equal(codeOf(await bound.answer(challenge)), 'ok');
  });

  it('AT-V53 means nothing to the key of another', async () => {
    const { house, asked } = await ours();
    const { challenge } = await asked();
    assert.equal(codeOf(await signIn(house, { challenge })), 'ok');
    assert.equal(codeOf(await signIn(house, { challenge: 'junk' })), 'ok');
  });

  it('leaves neither itself nor the secret of the key in the store', async () => {
    const { house, asked } = await ours();
    const { challenge } = await asked();
    const kept = JSON.stringify(house.store.batches);
    for (const hidden of [challenge, PLAIN, hash('sha256', PLAIN, 'base64url'), '192.0.2.0']) {
      assert.ok(!kept.includes(hidden), hidden);
    }
  });
});

describe('a renewal', () => {
  it('AT-V36 gives another token of the same session; the old one lives to its end', async () => {
    const house = await open();
    const first = valueOf(await signIn(house));
    house.clock.ms += 4_799_000;
    const renew = (bearer: string): Promise<Result<SessionAnswer>> =>
      house.send('renew_token', penalized(house, bearer));
    const second = valueOf(await renew(first.access_token));
    assert.notEqual(second.access_token, first.access_token);
    assert.equal(second.expires_at, house.clock.ms + 4_800_000);
    assert.deepEqual(second.identity, first.identity);
    assert.equal(codeOf(await check(house, first.access_token)), 'ok');
    house.clock.ms += 1000;
    assert.equal(codeOf(await check(house, first.access_token)), 'token_expired');
    assert.equal(codeOf(await check(house, second.access_token)), 'ok');
    assert.equal((await house.record('roster', CUSTOMER))?.sessions.length, 1);
    assert.equal(codeOf(await renew(first.access_token)), 'token_expired');
    assert.equal(codeOf(await renew(first.stream_token ?? '')), 'token_unknown');
  });

  it('by 16 at once is 16 tokens of one session', async () => {
    const house = await open();
    const { access_token } = valueOf(await signIn(house));
    const all = await Promise.all(Array.from({ length: 16 }, () =>
      house.send('renew_token', penalized(house, access_token))));
    const tokens = all.map((one) => valueOf(one).access_token);
    assert.equal(new Set(tokens).size, 16);
    const roster = await house.record('roster', CUSTOMER);
    assert.equal(roster?.sessions.length, 1);
    assert.equal(roster.sessions[0]?.last_number, 17);
  });
});

describe('disabling an API key', () => {
  it('ends the sessions opened with it at once, for good, and no other', async () => {
    const second = apiKeyWithSecret({ id: '9', name: apiKeyFor().name });
    const house = await open({ api_keys: [KEY, second] });
    const mine = valueOf(await signIn(house));
    const other = valueOf(await signIn(house, { key: { id: '9', secret: SECRET } }));
    valueOf(await act(house, 'api-key.disable', { cid: KEY.id }));
    const codes = async () => [
      codeOf(await check(house, mine.access_token)), codeOf(await check(house, other.access_token)),
    ];
    assert.deepEqual(await codes(), ['token_ended', 'ok']);
    valueOf(await act(house, 'api-key.enable', { cid: KEY.id }));
    assert.deepEqual(await codes(), ['token_ended', 'ok']);
  });
});
