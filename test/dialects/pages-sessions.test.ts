import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandName, Outcomes } from '../../src/core/commands.ts';
import { accepted, refused } from '../../src/core/rules/refusals.ts';
import type { RefusalCode, Result } from '../../src/core/rules/refusals.ts';
import type { ConnectionsView, SessionView } from '../../src/core/views.ts';
import type { WorldName } from '../../src/core/world.ts';
import { markupText } from '../../src/dialects/pages/html.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { connectionsPage } from '../../src/dialects/pages/templates/connections-page.ts';
import { elementsOf, foldedText, formOutline, skeleton, within } from './page-outline.ts';
import { browserOf, headerValues } from './page-requests.ts';
import type { Browser } from './page-requests.ts';
import { areaViews, connectionsView, consentView, DEVICE, sessionView, sessionViews }
  from './page-views.ts';

const dialect = pagesDialect({ secure_cookies: true, development: false, worlds: {} });

function pageOf(view: ConnectionsView, sessions_max = 2): string {
  const frame = { world: view.world, brand: 'Countersign', host: null, sessions_max };
  return markupText(connectionsPage(frame, view, null, null));
}

function page(sessions: readonly SessionView[], world: WorldName = 'live'): string {
  return pageOf(connectionsView(world, { sessions }));
}

/** What a session's card says of it, by its labels. */
function facts(body: string): { [label: string]: string } {
  const list = within(body, 'session').filter(({ tag }) => tag === 'dt' || tag === 'dd');
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < list.length; at += 2) {
    pairs.push([foldedText(list[at]!), foldedText(list[at + 1]!)]);
  }
  return Object.fromEntries(pairs);
}

describe('trading sessions on the connections page', () => {
  it('are left out when there are none', () => {
    const body = page([]);
    assert.ok(!body.includes('sessions'));
    assert.ok(!/trading session/i.test(body));
    assert.ok(body.includes('Your personal token stays.'));
  });

  it('are explained once, with how many there can be', () => {
    const says = (sessions_max: number): string => foldedText(within(
      pageOf(connectionsView('live', { sessions: sessionViews() }), sessions_max), 'sessions-head',
    ).find(({ tag }) => tag === 'p')!);
    assert.equal(says(2), 'Programs that signed in with your name and password. At most two at a '
      + 'time: a newer sign-in closes the oldest.');
    assert.ok(says(1).includes('At most one at a time'));
    assert.ok(says(25).includes('At most 25 at a time'));
    const head = elementsOf(page(sessionViews())).filter(({ tag }) => tag === 'h2').map(foldedText);
    assert.equal(head.filter((text) => text === 'Trading sessions').length, 1);
  });

  it('show program, version, device, address, since, last used and what they may do', () => {
    const body = page([sessionView()]);
    const card = within(body, 'session');
    assert.equal(foldedText(card.find(({ tag }) => tag === 'h3')!), 'Ladder Desk');
    assert.ok(card.some((element) => foldedText(element) === 'Version 2.4.1'));
    const { Device, ...told } = facts(body);
    assert.deepEqual(told, {
      Address: '203.0.113.77',
      'Signed in': '1 hour ago 24 November 2026, 18:05 UTC',
      'Last used': 'just now 24 November 2026, 19:39 UTC',
    });
    assert.ok(Device?.startsWith('8f14e45f…0e52'));
    assert.deepEqual(card.flatMap(({ attributes }) => attributes['data-scope'] ?? []).sort(),
      areaViews().map(({ word }) => word).sort());
    assert.deepEqual(within(body, 'session').filter(({ tag }) => tag === 'time')
      .map(({ attributes }) => attributes['datetime']),
    ['2026-11-24T18:05:05Z', '2026-11-24T19:39:25Z']);
  });

  it('shorten a long device id and keep the whole of it within reach', () => {
    const whole = within(page([sessionView()]), 'device');
    assert.deepEqual(whole.map(({ tag }) => tag), ['summary', 'code', 'span', 'code']);
    assert.equal(foldedText(whole[3]!), DEVICE);
    const short = page([sessionView({ device: 'desk-1' })]);
    assert.equal(facts(short)['Device'], 'desk-1');
    assert.deepEqual(within(short, 'device'), []);
    const emoji = facts(page([sessionView({ device: '👩‍💻'.repeat(8) + 'a'.repeat(20) })]));
    assert.ok(emoji['Device']?.startsWith(`${'👩‍💻'.repeat(8)}…aaaa`));
  });

  it('say plainly what a program did not tell', () => {
    const body = page([sessionView({ device: null, app_version: null })]);
    assert.equal(facts(body)['Device'], 'No device id: the program sent none');
    assert.ok(within(body, 'session').some((element) =>
      foldedText(element) === 'Version not told'));
    const unnamed = page([sessionView({ app_name: ' ', scopes: [] })]);
    assert.equal(foldedText(within(unnamed, 'session').find(({ tag }) => tag === 'h3')!),
      'A program without a name');
    assert.ok(within(unnamed, 'session').some((element) =>
      foldedText(element) === 'Nothing at present.'));
  });

  it('speak of a program, not of an app, and of practice in paper', () => {
    const box = (world: WorldName): string => within(page([sessionView()], world), 'session')
      .filter(({ attributes }) => attributes['class'] === 'trading').map(foldedText).join();
    assert.ok(box('live').startsWith('It can trade for you and change your risk limits'));
    assert.ok(box('live').endsWith('The program does not ask you each time.'));
    assert.ok(box('paper').includes('practice orders, with no real money'));
    assert.ok(!box('paper').includes('can be lost'));
  });

  it('each have a form that ends that one, told apart by name, time and place', () => {
    const body = page([sessionView(), sessionView({ id: 'Sd3' })]);
    assert.deepEqual(formOutline(body, 'end-session-Sb2Xk9Qm4Tz'), [
      'post /connections/sessions/end', 'input hidden csrf csrf-3',
      'input hidden session Sb2Xk9Qm4Tz', 'button submit',
    ]);
    const names = ['Sb2Xk9Qm4Tz', 'Sd3'].map((id) => foldedText(
      within(body, `#end-session-${id}`).find(({ tag }) => tag === 'button')!,
    ));
    assert.deepEqual(names, [
      'End session of Ladder Desk, signed in 24 November 2026, 18:05 UTC, 1 of 2',
      'End session of Ladder Desk, signed in 24 November 2026, 18:05 UTC, 2 of 2',
    ]);
  });

  it('stay when the access of all apps ends, and the page says so', () => {
    assert.ok(page(sessionViews()).includes('Your personal token and trading sessions stay.'));
  });

  it('are not denied by what the page says without apps', () => {
    const empty = (sessions: readonly SessionView[]): string => foldedText(elementsOf(
      pageOf(connectionsView('live', { connections: [], sessions })),
    ).find(({ attributes }) => attributes['class'] === 'empty')!);
    const rest = 'When you allow one, it is listed here, and here you can end it.';
    assert.equal(empty([]), `No app can use your live accounts. ${rest}`);
    assert.equal(empty(sessionViews()), `No app is connected to your live accounts. ${rest}`);
  });

  it('XS-01 XS-02 never become markup', () => {
    const hostile = `"><script>alert(1)</script>\u202e${'<img src=x onerror=alert(1)>'.repeat(3)}`;
    const texts = (text: string): Partial<SessionView> => ({
      id: text, app_name: text, app_version: text, device: `${text}${'x'.repeat(40)}`,
      address: text, scopes: [{ word: `${text}:FullAccess`, says: text }],
    });
    const attacked = page([sessionView(texts(hostile))]);
    assert.equal(skeleton(attacked), skeleton(page([sessionView(texts('x'))])));
    assert.ok(!attacked.includes('\u202e') && !attacked.includes('<script'));
  });
});

describe('many areas on the connections page', () => {
  const folded = (body: string): string[] => within(body, 'levels')
    .filter(({ tag }) => tag === 'li').map(foldedText);

  it('are told by level and name, and what they mean opens without a script', () => {
    const body = page([sessionView({
      scopes: areaViews('Alerts:FullAccess', 'Chat:FullAccess', 'ContractLibrary:Read',
        'Orders:FullAccess', 'Prices:Read', 'Users:Read'),
    })]);
    assert.deepEqual(folded(body), [
      'Full access Alerts, Chat', 'Read Contract library, Prices, Users',
    ]);
    const opened = within(body, 'areas');
    assert.equal(foldedText(opened.find(({ tag }) => tag === 'summary')!), 'What they mean');
    assert.deepEqual(opened.flatMap(({ attributes }) => attributes['data-scope'] ?? []), [
      'Alerts:FullAccess', 'Chat:FullAccess', 'ContractLibrary:Read', 'Prices:Read', 'Users:Read',
    ]);
    assert.deepEqual(within(body, 'session')
      .flatMap(({ attributes }) => attributes['data-scope'] ?? []).slice(0, 2),
    ['Orders:FullAccess', 'Alerts:FullAccess']);
  });

  it('are written out when they are few, and always where she decides', () => {
    const few = page([sessionView({
      scopes: areaViews('Alerts:Read', 'Chat:Read', 'Fees:Read', 'Users:Read'),
    })]);
    const { consent } = pageRenderer({ secure_cookies: true, development: false, worlds: {} });
    for (const body of [few, consent(consentView('live', { scopes: areaViews() })).body]) {
      assert.deepEqual(within(body, 'levels'), []);
      assert.deepEqual(within(body, 'areas'), []);
    }
  });
});

describe('POST /connections/sessions/end', () => {
  const path = '/connections/sessions/end';
  const browser = (answer: Result<Outcomes[CommandName]>): Browser =>
    browserOf(dialect, () => answer);
  const no = (code: RefusalCode) => refused({ code, rule: 'test', reason: 'PRIVATE' });
  const location = (answer: Awaited<ReturnType<Browser['send']>>): string | undefined =>
    headerValues(answer, 'location')[0];

  it('asks for one session by its id and leads on by 303', async () => {
    const alice = browser(accepted({ ended: true }));
    const cookie = '__Host-cs_live_flow=f1; __Host-cs_live_login=l1';
    const answer = await alice.post(path, { csrf: 'c', session: 'S1', app: 'A' }, {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    assert.deepEqual(alice.dispatched, [{
      name: 'end_session',
      command: {
        flow_cookie: 'f1', login_cookie: 'l1', csrf: 'c', fetch_site: 'same-origin', session: 'S1',
      },
    }]);
    assert.equal(answer.status, 303);
    assert.equal(location(answer), '/connections?done=session_ended');
  });

  it('tells it once, after our own form only', async () => {
    const alice = browser(accepted(connectionsView('live')));
    const told = (query: string, site: string): Promise<string[]> =>
      alice.send({ path: '/connections', query, headers: { 'sec-fetch-site': site } })
        .then(({ body }) => elementsOf(body)
          .filter(({ attributes }) => attributes['role'] === 'status').map(foldedText));
    assert.deepEqual(await told('done=session_ended', 'same-origin'),
      ['That session has ended. The program has to sign in again to go on.']);
    assert.deepEqual(await told('done=session_ended', 'cross-site'), []);
    for (const query of ['done=toString', 'done=__proto__', 'done=', 'done=session_ended&x=1']) {
      assert.deepEqual(await told(query, 'same-origin'), [], query);
    }
  });

  it('asks for nothing when the session is missing or sent twice', async () => {
    const alice = browser(accepted({ ended: true }));
    for (const body of ['csrf=c', 'csrf=c&session=', 'csrf=c&session=a&session=b']) {
      const answer = await alice.post(path, {}, { body });
      assert.equal(answer.status, 400, body);
      assert.equal(answer.log?.refusal, 'request_malformed');
    }
    assert.deepEqual(alice.dispatched, []);
  });

  it('CS-01 leads to sign-in when that has ended, and refuses forged forms', async () => {
    const fields = { csrf: 'c', session: 'S1' };
    const away = await browser(no('sign_in_needed')).post(path, fields);
    assert.equal(away.status, 303);
    assert.equal(location(away), '/login');
    for (const code of ['csrf_mismatch', 'cross_site', 'browser_unknown'] as const) {
      const answer = await browser(no(code)).post(path, fields);
      assert.equal(answer.status, 403, code);
      assert.equal(location(answer), undefined);
    }
  });
});
