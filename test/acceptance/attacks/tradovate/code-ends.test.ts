/** A code lives for minutes, and only while what the customer said at consent still holds. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createBrowser } from '../../../outside/browser.ts';
import {
  decide, exchange, oauthPath, refresh, tokensOf,
} from '../../../outside/tradovate.ts';
import {
  REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration, User } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../../tradier/secrets.ts';
import { assertOAuthError } from '../../tradovate/answers.ts';
import { assertAlive, assertDead, noted, traderIn } from '../../tradovate/trader.ts';
import { toldBy } from '../rotation/family.ts';
import { detailsOf, outcomesOf } from '../told.ts';

const CUT = demoRegistration('cut', { id: '42001', redirect_uri: 'https://cut.example/cb' });
const { O1 } = REGISTRATIONS;
const CODE_LIFE_S = 120;

const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values(REGISTRATIONS), CUT] }),
  set: {
    'tradovate.danger_limits_off': true,
    'tradovate.lifetimes': JSON.stringify({ code_s: CODE_LIFE_S }),
  },
});
after(server.stop);
const { live, paper, control } = server;
const alice = traderIn(live, USERS.alice);

test('AC-05[B] a code is taken up to its lifetime and never after it', async () => {
  const young = await alice.allow(O1);
  const old = await alice.allow(O1);
  await control.advance(CODE_LIFE_S - 1);
  const { access_token } = noted(tokensOf(await exchange(live, O1, young.code)));
  await control.advance(2);
  const events = await toldBy(server, async () => {
    assertOAuthError(await exchange(live, O1, old.code), 'code');
    // Nor is a spent one past its time an alarm.
    assertOAuthError(await exchange(live, O1, young.code), 'code');
  });
  const late = 'code.refused refused code.fresh';
  assert.deepEqual(detailsOf(events), [late, late]);
  await assertAlive(live, access_token);
  await control.advance(86_400);
  assertOAuthError(await exchange(live, O1, old.code), 'code');
});

test('AC-05[B] no setting lets a code live for more than ten minutes', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-code-life-'));
  try {
    for (const code_s of [601, 0, 86_400]) {
      const data = join(home, String(code_s));
      const set = { 'tradovate.lifetimes': JSON.stringify({ code_s }) };
      const started = await startServer({ data, seed: tradovateSeed(), set }).then(
        async (other) => {
          await other.kill();
          return 'it started';
        },
        (refusal: Error) => refusal.message,
      );
      assert.match(started, /exit code 78/, String(code_s));
      assert.match(started, /lifetimes/);
      assert.ok(!existsSync(join(data, 'live.sqlite')), 'nothing was stored');
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

const customer = USERS.erin.login_name;
const setStatus = (status: string) =>
  control.act('live', 'customer.set-status', { customer, status });
const onCut = (act: string) => control.act('live', act, { app: CUT.id });

/** Consent by erin in a fresh browser, with the password that she has now. */
async function allowAs(erin: User, app: Registration = CUT): Promise<string> {
  const { code } = await decide(createBrowser(live), oauthPath(app), erin);
  noteSecrets(erin.password, code ?? '');
  return code ?? assert.fail('no code at the callback');
}

/** Her page lists apps with a begun grant; removing one there ends its unused codes too. */
async function removeByHerself(erin: User): Promise<void> {
  const trader = traderIn(live, erin);
  const begun = await trader.link(CUT);
  await trader.browser.open('/connections');
  await trader.browser.submit(`end-${CUT.id}`);
  await assertDead(live, begun.access_token);
}

type Ending = {
  readonly end: (erin: User) => Promise<unknown>;
  /** Sets things back, which revives nothing. */
  readonly back?: () => Promise<unknown>;
  /** What the code answers before things are set back. */
  readonly says?: 'client';
  /** Other customers' codes of the app end with it. */
  readonly of_app?: true;
};

/** Each alone, done between the issue of a code and its redemption. */
const ENDINGS: { readonly [cause: string]: Ending } = {
  'customer locked': { end: () => setStatus('locked'), back: () => setStatus('active') },
  'customer closed': { end: () => setStatus('closed'), back: () => setStatus('active') },
  'password changed': { end: () => control.act('live', 'customer.set-password', { customer }) },
  'sign-ins ended': { end: () => control.act('live', 'login.end', { customer }) },
  'app removed by an operator': {
    end: () => control.act('live', 'grant.end', { customer, app: CUT.id }),
  },
  'app removed by herself': { end: removeByHerself },
  'app disabled': {
    end: () => onCut('app.disable'), back: () => onCut('app.approve'), says: 'client', of_app: true,
  },
};

test('AC-12[B] whatever ends between issue and redemption, the code is worthless', async () => {
  for (const [cause, { end, back, says = 'code', of_app }] of Object.entries(ENDINGS)) {
    const { password } = await control.act('live', 'customer.set-password', { customer });
    const erin = { ...USERS.erin, password: String(password) };
    const code = await allowAs(erin);
    const to_other_app = await allowAs(erin, O1);
    const { code: of_other } = await alice.allow(CUT);
    await end(erin);
    assertOAuthError(await exchange(live, CUT, code), says);
    await back?.();
    // Set back, it stays dead: nothing revives, and its use is no alarm.
    const events = await toldBy(server, async () => {
      assertOAuthError(await exchange(live, CUT, code), 'code');
    });
    assert.deepEqual(detailsOf(events), ['code.refused refused code.standing'], cause);
    // What the cause was not about goes on.
    const others = await exchange(live, CUT, of_other);
    if (of_app === true) assertOAuthError(others, 'code');
    else noted(tokensOf(others));
    const spared = cause.startsWith('app ');
    const elsewhere = await exchange(live, O1, to_other_app);
    if (spared) noted(tokensOf(elsewhere));
    else assertOAuthError(elsewhere, 'code');
  }
});

test('AC-12[B] what happens to the same customer in the other world ends nothing', async () => {
  const { code } = await alice.allow(CUT);
  const { login_name } = USERS.alice;
  const act = (name: string, args: object) => control.act('paper', name, args);
  await act('customer.set-status', { customer: login_name, status: 'locked' });
  await act('app.disable', { app: CUT.id });
  const events = await toldBy(server, async () => {
    noted(tokensOf(await exchange(live, CUT, code)));
  });
  assert.deepEqual(outcomesOf(events), ['code.redeemed ok']);
  assertOAuthError(await refresh(paper, CUT, 'x'), 'client');
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
