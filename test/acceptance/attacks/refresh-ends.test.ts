/** What ends a refresh token, each cause alone; and that it never serves another customer. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { APPS, CUSTOMERS, demoApp, demoCustomer } from '../../outside/fixtures.ts';
import type { App, CustomerName } from '../../outside/fixtures.ts';
import { textById } from '../../outside/forms.ts';
import { seedRecords } from '../../outside/seed.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import type { TokenBody } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm, visit } from './held-form.ts';
import { detailsOf, outcomesOf } from './told.ts';
import { assertFault, assertPage, assertTokenError } from '../tradier/answers.ts';
import type { TokenErrorId } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret, noteSecrets } from '../tradier/secrets.ts';

const END = demoApp('end', { redirect_uris: ['https://end.example/cb'], refresh_approved: true });
const FAITH = demoCustomer('faith', { live: ['6YA00091'], paper: [] });

const server = await startServer({
  seed: seedRecords([...Object.values(APPS), END], [...Object.values(CUSTOMERS), FAITH]),
});
after(server.stop);
const { live, control } = server;
const { A1, TI } = APPS;
const u1 = customerIn(live, 'u1');

/** Sign-in, consent and exchange by the customer whose standing the rows change. */
async function linkFaith(password = FAITH.password, app: App = END): Promise<TokenBody> {
  const browser = createBrowser(live);
  await browser.authorize(app);
  await browser.submit('sign-in', { name: FAITH.login_name, password });
  const { code } = await browser.consent('allow');
  const body = tokens(await exchange(live, app, code ?? ''));
  noteSecrets(body.access_token, body.refresh_token ?? '');
  return body;
}

const refreshOf = ({ refresh_token = '' }: TokenBody) => refresh(live, END, refresh_token);

/** Id of the newest grant. */
async function grantIdOf(customer: string, app: App): Promise<string> {
  const { grants } = await control.act('live', 'grant.list', { customer, app: app.id });
  type Begun = { readonly grant: string; readonly begun_at: number };
  return (grants as readonly Begun[]).reduce(
    (newest, grant) => (grant.begun_at > newest.begun_at ? grant : newest),
    { grant: '', begun_at: 0 },
  ).grant;
}

const setStatus = (status: string) =>
  control.act('live', 'customer.set-status', { customer: FAITH.login_name, status });
const onApp = (act: string, more: object = {}) =>
  control.act('live', act, { app: END.id, ...more });

type Cause = {
  readonly end: () => Promise<unknown>;
  /** Answer of the first refresh after it; E4 when it says nothing. */
  readonly says?: TokenErrorId;
  /** Sets things back, which revives nothing. */
  readonly back?: () => Promise<unknown>;
  /** The other customers of the app lose theirs, too. */
  readonly of_app?: true;
  /** Access tokens live until they expire: the cause is about refreshing. */
  readonly access_lives?: true;
};

const FIVE = ['read', 'write', 'trade', 'market', 'stream'];

const CAUSES: { readonly [cause: string]: Cause } = {
  'customer locked': { end: () => setStatus('locked'), back: () => setStatus('active') },
  'customer closed': { end: () => setStatus('closed'), back: () => setStatus('active') },
  'grant ended by an operator': {
    end: async () =>
      control.act('live', 'grant.end', { grant: await grantIdOf(FAITH.login_name, END) }),
  },
  'all grants of customer and app ended': {
    end: () => control.act('live', 'grant.end', { customer: FAITH.login_name, app: END.id }),
  },
  'app disabled': {
    end: () => onApp('app.disable'), says: 'E1', back: () => onApp('app.approve'), of_app: true,
  },
  'refresh approval withdrawn': {
    end: () => onApp('approval.withdraw'),
    says: 'E5',
    back: () => onApp('approval.grant'),
    of_app: true,
    access_lives: true,
  },
  'scope of the grant taken from the app': {
    end: () => onApp('app.change', { scopes: FIVE.slice(0, 4) }),
    says: 'E5',
    back: () => onApp('app.change', { scopes: FIVE }),
    of_app: true,
  },
};

test('RT-11 a refresh fails after each end, and setting it back revives nothing', async () => {
  for (const [cause, { end, says = 'E4', back, of_app, access_lives }] of Object.entries(CAUSES)) {
    const hers = await linkFaith();
    const others = await u1.link(END);
    tokens(await refreshOf(hers));
    await end();
    assertTokenError(live, await refreshOf(hers), says);
    const access = await profile(live, hers.access_token);
    if (access_lives) assert.equal(access.status, 200, cause);
    else assertFault(live, access, 'F3');
    if (of_app === true) assertTokenError(live, await refreshOf(others), says);
    await back?.();
    const events = await eventsOf(server, 'live', async () => {
      assertTokenError(live, await refreshOf(hers), 'E4');
    });
    assert.deepEqual(outcomesOf(events), ['refresh.refused refused'], cause);
    if (!access_lives) assertFault(live, await profile(live, hers.access_token), 'F3');
    if (of_app === true) assertTokenError(live, await refreshOf(others), 'E4');
    else tokens(await refreshOf(others));
    tokens(await refreshOf(await linkFaith()));
  }
});

test('RT-11 a new password ends no grant, and a scope never granted is not missed', async () => {
  const hers = await linkFaith();
  await control.act('live', 'customer.set-password', { customer: FAITH.login_name });
  tokens(await refreshOf(hers));
  const narrow = await u1.link(END, 'scope=read');
  await onApp('app.change', { scopes: ['read', 'stream'] });
  assert.equal(tokens(await refreshOf(narrow)).scope, 'read');
  await onApp('app.change', { scopes: FIVE });
});

test('RT-11 when the last delegation of an advisor ends, her refresh token does, too', async () => {
  await onApp('app.change', { type: 'advisor' });
  const [first = '', second = ''] = CUSTOMERS.alice.accounts.live;
  const delegation = (act: string, account: string) =>
    control.act('live', `delegation.${act}`, { account, advisor: FAITH.login_name });
  await delegation('grant', first);
  await delegation('grant', second);
  const { password } = await control.act('live', 'customer.set-password', {
    customer: FAITH.login_name,
  });
  const hers = await linkFaith(String(password));
  await delegation('end', first);
  tokens(await refreshOf(hers));
  const { text } = await profile(live, hers.access_token);
  assert.ok(text.includes(second) && !text.includes(first), text);
  await delegation('end', second);
  assertTokenError(live, await refreshOf(hers), 'E4');
  await delegation('grant', second);
  assertTokenError(live, await refreshOf(hers), 'E4');
  assertFault(live, await profile(live, hers.access_token), 'F3');
  tokens(await refreshOf(await linkFaith(String(password))));
  await onApp('app.change', { type: 'standard' });
});

test('RT-06 after an end on purpose the token stays dead, which is no theft', async () => {
  const endings = {
    'by herself': async () => {
      await u1.connections();
      await u1.browser.submit(`end-${END.id}`);
    },
    'all by herself': async () => {
      await u1.connections();
      await u1.browser.submit('end-all');
    },
    'by an operator': async () => {
      await control.act('live', 'grant.end', { grant: await grantIdOf('u1', END) });
    },
  } as const;
  const kept = await u1.link(TI);
  for (const [how, end] of Object.entries(endings)) {
    const own = await u1.link(END);
    await end();
    const events = await eventsOf(server, 'live', async () => {
      for (let tries = 0; tries < 3; tries += 1) assertTokenError(live, await refreshOf(own), 'E4');
    });
    const told = Array<string>(3).fill('refresh.refused refused use_after_end');
    assert.deepEqual(detailsOf(events), told, how);
    // Neither time nor a new consent to the same app revives it.
    const again = await u1.link(END);
    await control.advance(61);
    assertTokenError(live, await refreshOf(own), 'E4');
    tokens(await refreshOf(again));
  }
  const wiped = await refresh(live, TI, kept.refresh_token ?? '');
  assertTokenError(live, wiped, 'E4'); // her "end all" ended this one as well
});

test('ASVS-10.4.9 a customer ends refresh and access tokens on her page, at once', async () => {
  const linked = [await u1.link(END), await u1.link(END), await u1.link(TI)] as const;
  const plain = await u1.link(A1);
  const personal = await u1.newPersonalToken();
  const bobs = await customerIn(live, 'bob').link(END);
  const { answer } = await u1.connections();
  for (const app of [END, TI, A1]) assert.ok(answer.text.includes(`id="end-${app.id}"`), app.name);
  await u1.browser.submit(`end-${END.id}`);
  for (const own of linked.slice(0, 2)) {
    assertFault(live, await profile(live, own.access_token), 'F3');
    assertTokenError(live, await refreshOf(own), 'E4');
  }
  const after_one = (await u1.connections()).answer.text;
  assert.ok(!after_one.includes(`id="end-${END.id}"`), 'the app is gone from her page');
  assert.equal((await profile(live, linked[2].access_token)).status, 200);
  await u1.browser.submit('end-all');
  for (const { access_token } of [linked[2], plain]) {
    assertFault(live, await profile(live, access_token), 'F3');
  }
  assertTokenError(live, await refresh(live, TI, linked[2].refresh_token ?? ''), 'E4');
  assert.equal((await profile(live, personal)).status, 200, 'her own token is no app');
  await u1.connections();
  await u1.browser.submit('personal-token', { change: 'delete' });
  assertFault(live, await profile(live, personal), 'F3');
  assert.equal((await profile(live, bobs.access_token)).status, 200);
  tokens(await refreshOf(bobs));
});

test('RT-17 in one browser nothing of the first customer is left to the second', async () => {
  const browser = createBrowser(live);
  await browser.authorize(END, { state: 's1' });
  await browser.signIn('alice');
  const unanswered = { page: browser.page().url, consent: holdForm(browser, 'consent') };
  await browser.authorize(END, { state: 's2' });
  const answered = { page: browser.page().url, consent: holdForm(browser, 'consent') };
  const { code } = await browser.consent('allow');
  const hers = tokens(await exchange(live, END, code ?? ''));
  await browser.open('/connections');
  const made = await browser.submit('personal-token', { change: 'replace' });
  noteSecrets(textById(made.answer.text, 'personal-token-value')?.trim() ?? '');
  const end_all = holdForm(browser, 'end-all');
  const alices = new Map(browser.cookies);
  await browser.submit('sign-out');
  assert.equal(browser.cookies.get('cs_live_login-dev'), undefined);
  // Between the two nobody is signed in: no answer of hers is given out.
  assertNoCode(await answered.consent.send({ decision: 'allow' }));
  await browser.open('/login');
  await browser.signIn('bob');
  assert.notEqual(browser.cookies.get('cs_live_login-dev'), alices.get('cs_live_login-dev'));
  const page = await browser.open('/connections');
  assert.ok(page.answer.text.includes('Demo bob'));
  for (const text of ['alice', '6YA00001']) assert.ok(!page.answer.text.includes(text));
  assertNoCode(await answered.consent.send({ decision: 'allow' }));
  assertPage(await visit(live.origin, answered.page, browser));
  assert.equal((await end_all.send({})).status, 403, 'her form tokens died with her sign-in');
  assertNoCode(await unanswered.consent.send({ decision: 'allow' }));
  assertPage(await visit(live.origin, unanswered.page, browser));
  assert.equal((await profile(live, hers.access_token)).status, 200);
  tokens(await refreshOf(hers));
  const old = { ...browser, cookies: alices };
  assert.equal((await visit(live.origin, '/connections', old)).headers.location, '/login');
});

function assertNoCode({ headers, text }: Awaited<ReturnType<typeof visit>>): void {
  assert.doesNotMatch(headers.location ?? '', /code=/);
  assert.doesNotMatch(text, /cs_live_code_/);
}

const INTERLEAVED = 1_000;
const LANES = 16;

test('RT-18 thousands of interleaved requests never swap a value', async () => {
  await control.config({ 'tradier.danger_limits_off': true });
  const people = [
    { name: 'alice', app: END, account: '6YA00001', strange: '6YA00003' },
    { name: 'bob', app: END, account: '6YA00003', strange: '6YA00001' },
    { name: 'u2', app: TI, account: 'VA000002', strange: '6YA0' },
  ] as const;
  const linked = await Promise.all(people.map(async (person) => ({
    ...person, body: await customerIn(live, person.name).link(person.app),
  })));
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < INTERLEAVED) {
      next += 1;
      const own = linked[next % linked.length];
      if (own === undefined) throw new Error('nobody');
      const { refresh_token = '' } = own.body;
      const { access_token } = tokens(await refresh(live, own.app, refresh_token));
      const { text, status } = await profile(live, access_token);
      assert.equal(status, 200);
      assert.ok(text.includes(own.account) && !text.includes(own.strange), text);
      if (next % 100 === 0) await signInAgain(own.name, own.account, own.strange);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await control.config({ 'tradier.danger_limits_off': false });
});

async function signInAgain(name: CustomerName, account: string, strange: string): Promise<void> {
  const { text } = (await customerIn(live, name).connections()).answer;
  assert.ok(text.includes(CUSTOMERS[name].name), `${name} sees another one's page`);
  assert.ok(text.includes(account) && !text.includes(strange));
}

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
