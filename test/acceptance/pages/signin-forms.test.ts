/** Forms count only from our own page, in the browser that opened it, in order (CS-01, 02, 04). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import type { Browser } from '../../outside/browser.ts';
import { call, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import { exchange, profile, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { holdForm, visit } from '../attacks/held-form.ts';
import { workOf } from './door.ts';
import { assertPage } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import { actionsOf, eventsOf } from '../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;
const { A1, A2 } = APPS;
const u1 = CUSTOMERS.u1;

type Pairs = readonly (readonly [string, string])[];

/** One of our forms as it stands on its page, ready to be sent wrongly. */
type Held = {
  readonly action: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly cookie: string;
};

function held(browser: Browser, id: string, more: Pairs): Held {
  const { action, fields } = browser.form(id);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return { action, fields: new Map([...fields, ...more]), cookie };
}

/** Every form of the product, filled in by customer u1 in one browser. */
async function everyForm(): Promise<readonly Held[]> {
  await customerIn(live, 'u1').link(A2);
  const browser = createBrowser(live);
  await browser.open('/login');
  const forms = [held(browser, 'sign-in', [['name', 'u1'], ['password', u1.password]])];
  await browser.authorize(A1, { state: 's1' });
  forms.push(held(browser, 'sign-in', [['name', 'u1'], ['password', u1.password]]));
  await browser.signIn('u1');
  forms.push(
    held(browser, 'consent', [['decision', 'allow']]),
    held(browser, 'consent', [['decision', 'deny']]),
  );
  await browser.open('/connections');
  forms.push(
    held(browser, `end-${A2.id}`, []),
    held(browser, 'end-all', []),
    held(browser, 'personal-token', [['change', 'replace']]),
    held(browser, 'sign-out', []),
  );
  return forms;
}

function send(form: Held, site: string | null, fields = form.fields): Promise<Answer> {
  const fetch = site === null ? [] : [['Sec-Fetch-Site', site] as const];
  return post(live.origin, form.action, [...fields], [
    ['Accept', 'text/html'], ['Cookie', form.cookie], ...fetch,
  ]);
}

/** 403, our page, no way on, no cookie. */
function assertForbidden(answer: Answer, what: string): void {
  assert.equal(`${answer.status} ${answer.headers.location}`, '403 undefined', what);
  assert.equal(answer.headers['set-cookie'], undefined, what);
  assert.equal(answer.headers['cache-control'], 'no-store', what);
  assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8', what);
}

test('CS-01 cross-site posts and posts without the token are 403 at every form', async () => {
  const linked = await customerIn(live, 'u1').link(A2);
  const forms = await everyForm();
  const other = await everyForm();
  const spent = await workOf(server, 'live', async () => {
    for (const [at, form] of forms.entries()) {
      for (const site of ['cross-site', 'same-site', 'CROSS-SITE', 'anything']) {
        assertForbidden(await send(form, site), `${form.action} from ${site}`);
      }
      const without = new Map(form.fields);
      without.delete('csrf');
      // Another browser's token of this form, and this browser's token of another form.
      const [foreign, swapped] = [other[at], forms[at < 4 ? 4 : 0]];
      const tokens_of = [foreign?.fields.get('csrf'), swapped?.fields.get('csrf'), '', 'x'];
      assert.equal(new Set(tokens_of).size, 4);
      for (const site of ['same-origin', 'none', null]) {
        assertForbidden(await send(form, site, without), `${form.action} without token`);
        for (const csrf of tokens_of) {
          const fields = new Map([...form.fields, ['csrf', csrf ?? '']]);
          assertForbidden(await send(form, site, fields), `${form.action} with ${csrf}`);
        }
      }
    }
  });
  assert.deepEqual({ hashes: spent.hashes, commits: spent.commits }, { hashes: 0, commits: 0 });
  assert.equal((await profile(live, linked.access_token)).status, 200, 'nothing ended');
  // Each of these forms was good: sent rightly it does what it says.
  for (const form of forms) {
    const { status } = await send(form, 'same-origin');
    assert.equal(status, form.action === '/connections/personal-token' ? 200 : 303, form.action);
  }
  assert.equal((await profile(live, linked.access_token)).status, 401);
});

test('CS-01 a token twice, in the query or in another encoding is none', async () => {
  const [form] = await everyForm();
  assert.ok(form !== undefined);
  const csrf = form.fields.get('csrf') ?? '';
  const bare = [...form.fields].filter(([name]) => name !== 'csrf');
  const headers = [['Cookie', form.cookie], ['Accept', 'text/html']] as const;
  const twice = await post(live.origin, form.action, [...form.fields, ['csrf', csrf]], headers);
  assert.equal(twice.status, 400);
  const query = await post(live.origin, `${form.action}?csrf=${csrf}`, bare, headers);
  assertForbidden(query, 'in the query');
  for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
    const answer = await call(live.origin, {
      method: 'POST', path: form.action, headers: [...headers, ['Content-Type', type]],
      body: JSON.stringify(Object.fromEntries(form.fields)),
    });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.headers['set-cookie'], undefined);
  }
});

test('CS-02 an attacker\'s form signs in no browser but the one it was made for', async () => {
  const attacker = createBrowser(live);
  await attacker.open('/login');
  const form = holdForm(attacker, 'sign-in');
  const credentials = { name: 'u2', password: CUSTOMERS.u2.password };
  const victim = createBrowser(live);
  const events = await eventsOf(server, 'live', async () => {
    // Whatever the attacker's page can make the victim's browser send, it has not our cookie …
    assertForbidden(await form.send(credentials, victim), 'no cookie at all');
    await victim.open('/login');
    // … or it has its own, which is not the one the form was made for.
    assertForbidden(await form.send(credentials, victim), 'a cookie of its own');
    for (const value of ['', 'x', 'cs_live_flow_x']) {
      victim.cookies.set('cs_live_flow-dev', value);
      assertForbidden(await form.send(credentials, victim), `cookie ${value}`);
    }
  });
  assert.deepEqual(actionsOf(events), []);
  const own = await form.send(credentials);
  assert.equal(own.status, 303, 'in the browser it was made for it works');
});

test('CS-04 no step is skipped: consent before sign-in, and pages without one', async () => {
  const begun = createBrowser(live);
  await begun.authorize(A1, { state: 's1' });
  const handle = new Map(begun.form('sign-in').fields);
  const cookie = [...begun.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const consent = (csrf: string): Promise<Answer> => post(live.origin, '/consent', [
    ['csrf', csrf], ['request', handle.get('request') ?? ''], ['client_id', A1.id],
    ['decision', 'allow'],
  ], [['Cookie', cookie], ['Accept', 'text/html']]);
  assertForbidden(await consent(handle.get('csrf') ?? ''), 'the sign-in page\'s token');
  assertForbidden(await consent(''), 'no token');
  const connections = await visit(live.origin, '/connections', begun);
  assert.equal(`${connections.status} ${connections.headers.location}`, '303 /login');
  // Her session over in mid-flow, her consent form leads to the sign-in page of the same request.
  const customer = customerIn(live, 'u1');
  await customer.ask(A1, 'state=s1');
  const form = holdForm(customer.browser, 'consent');
  await control.act('live', 'login.end', { customer: 'u1' });
  const events = await eventsOf(server, 'live', async () => {
    const again = await form.send({ decision: 'allow' });
    assert.equal(again.status, 303);
    assert.match(again.headers.location ?? '', /^\/oauth\/authorize\?client_id=/);
  });
  assert.deepEqual(actionsOf(events), []);
  await customer.browser.open(`/oauth/authorize?client_id=${A1.id}&request=${
    encodeURIComponent(form.fields.get('request') ?? '')}`);
  await customer.browser.signIn('u1');
  const { code, state } = await customer.browser.consent('allow');
  assert.equal(state, 's1');
  tokens(await exchange(live, A1, code ?? ''));
});

test('CS-04 empty, partial and mixed-up posts are refused and change nothing', async () => {
  const customer = customerIn(live, 'u1');
  await customer.ask(A1, 'state=s1');
  const { browser } = customer;
  const form = held(browser, 'consent', []);
  const decide = (fields: Pairs): Promise<Answer> => send(form, 'same-origin', new Map(fields));
  const good: Pairs = [...form.fields];
  const without = (name: string): Pairs => good.filter(([own]) => own !== name);
  const wrong: readonly (readonly [Pairs, number])[] = [
    [[], 400], [good, 400], [[...good, ['decision', '']], 400],
    [[...good, ['decision', 'maybe']], 400], [[...good, ['decision', 'ALLOW']], 400],
    [[...without('request'), ['decision', 'allow']], 400],
    [[...without('request'), ['request', 'x'], ['decision', 'allow']], 400],
    [[...without('csrf'), ['decision', 'allow']], 403],
  ];
  const events = await eventsOf(server, 'live', async () => {
    for (const [fields, status] of wrong) {
      const answer = await decide(fields);
      assert.equal(`${answer.status} ${answer.headers.location}`, `${status} undefined`);
    }
    for (const path of ['/login', '/logout', '/connections/end', '/connections/personal-token']) {
      const empty = await post(live.origin, path, '', [['Cookie', form.cookie]]);
      assert.ok([400, 403].includes(empty.status), `${path}: ${empty.status}`);
    }
  });
  assert.deepEqual(actionsOf(events), []);
  assert.match((await browser.consent('allow')).url, /\?code=/, 'and she may still decide');
});

test('CS-04 a flow restarted or repeated proves nothing from before', async () => {
  const customer = customerIn(live, 'u1');
  await customer.ask(A1, 'state=first');
  const first = holdForm(customer.browser, 'consent');
  const page = customer.browser.page().url;
  await customer.ask(A1, 'state=second');
  const second = holdForm(customer.browser, 'consent');
  // The token of one flow is none in the other; each answers with its own state.
  const csrf = first.fields.get('csrf') ?? '';
  assertForbidden(await second.send({ decision: 'allow', csrf }), 'the other flow\'s token');
  const answered = await first.send({ decision: 'allow' });
  assert.match(answered.headers.location ?? '', /&state=first$/);
  // Back to the page, to sign-in, and on: it was answered, and stays so.
  assertPage(await visit(live.origin, page, customer.browser));
  await control.advance(61);
  assertPage(await first.send({ decision: 'deny' }));
  assert.match((await second.send({ decision: 'deny' })).headers.location ?? '',
    /\?error=access_denied&state=second$/);
});

test('CS-04 a request that grew old is over at every step', async () => {
  const customer = customerIn(live, 'u1');
  await customer.ask(A1, 'state=s1');
  const form = holdForm(customer.browser, 'consent');
  const page = customer.browser.page().url;
  await control.advance(30 * 60 + 1);
  assertPage(await visit(live.origin, page, customer.browser));
  assertPage(await form.send({ decision: 'allow' }), ['app.example']);
  assertPage(await form.send({ decision: 'deny' }), ['app.example']);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
