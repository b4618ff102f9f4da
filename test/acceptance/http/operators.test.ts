/** Operators' ways in, their lists, and what logs and faults give away (AD, HP-16, LG). */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createBrowser } from '../../outside/browser.ts';
import { call, post } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { customerIn } from '../tradier/customer.ts';
import { logLines } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, control } = server;
const { A2 } = APPS;
const u1 = customerIn(live, 'u1');
const u2 = customerIn(live, 'u2');

test('AD-01 control routes and the acts\' socket are for their owners only', async () => {
  const { access_token } = await u1.link(A2);
  const routes = [
    ['GET', '/clock'], ['POST', '/clock'], ['POST', '/seed'], ['POST', '/act'],
    ['POST', '/config'], ['GET', '/audit?world=live'], ['GET', '/mail'], ['GET', '/counts'],
  ] as const;
  const bearers = [
    null, 'Bearer ', 'Bearer x', `Bearer ${access_token}`, A2.basic, 'Bearer undefined',
  ];
  for (const [method, path] of routes) {
    for (const bearer of bearers) {
      const headers = bearer === null ? [] : [['Authorization', bearer] as const];
      const answer = await call(server.control_url, { method, path, headers, body: '{}' });
      assert.equal(answer.status, 401, `${method} ${path} with ${bearer}`);
    }
    // And on the public ports they do not exist.
    assert.ok([404, 405].includes((await call(live.origin, { method, path })).status));
  }
  const socket = statSync(join(server.data, 'countersign.sock'));
  assert.ok(socket.isSocket());
  assert.equal(socket.mode & 0o777, 0o600);
  assert.equal(statSync(server.data).mode & 0o077, 0, 'nor may others enter the directory');
});

test('AD-02 another customer\'s connection cannot be named', async () => {
  const mine = await u1.link(A2);
  await u2.link(A2);
  await u2.connections();
  const foreign = await u2.browser.submit(`end-${A2.id}`, { app: APPS.A1.id });
  assert.equal(foreign.answer.status, 200);
  assert.equal((await profile(live, mine.access_token)).status, 200, 'hers alone is in reach');
  await u2.connections();
  await u2.browser.submit(`end-${A2.id}`);
  assert.equal((await profile(live, mine.access_token)).status, 200);
  const listed = await control.act('live', 'grant.list', { customer: 'u2' });
  assert.ok(!JSON.stringify(listed).includes('u1'));
});

test('HP-16 cursors and filters of lists are taken for what they are', async () => {
  const hostile = ['\' OR 1=1 --', '"; DROP TABLE app; --', '%', '_', '../../..', '\u0000', 'zzzz'];
  for (const after_id of hostile) {
    const answer = await control.tryAct('live', 'customer.list', { after: after_id });
    assert.ok(answer.status === 200 || answer.status === 400, `${after_id}: ${answer.status}`);
  }
  for (const args of [
    { order: 'password_hash' }, { sort: '1;2' }, { limit: '1 OR 1' }, { limit: -1 },
    { limit: 1e9 }, { after: { $gt: '' } }, { after: ['x'] },
  ]) {
    const answer = await control.tryAct('live', 'customer.list', args);
    assert.equal(answer.status, 400, JSON.stringify(args));
  }
  const status = await control.tryAct('live', 'app.list', { status: 'x\' OR \'1\'=\'1' });
  assert.equal(status.status, 400);
  const { apps } = await control.act('live', 'app.list', {});
  assert.ok((apps as unknown[]).length > 5, 'the tables are all there');
});

test('LG-05 acts, lists and the trail show no token and no digest of a secret', async () => {
  const { access_token, refresh_token = '' } = await u1.link(A2);
  const personal = await u1.newPersonalToken();
  const shown = JSON.stringify([
    await control.act('live', 'app.list', {}),
    await control.act('live', 'app.show', { app: A2.id }),
    await control.act('live', 'customer.show', { customer: 'u1' }),
    await control.act('live', 'grant.list', { customer: 'u1' }),
    await control.act('live', 'login.list', { customer: 'u1' }),
    await control.act('live', 'key.list', {}), await control.audit('live'),
  ]);
  for (const secret of [access_token, refresh_token, personal, A2.secret, '$argon2',
    ...u1.browser.cookies.values()]) {
    assert.ok(!shown.includes(secret), secret.slice(0, 12));
  }
  assert.doesNotMatch(shown, /"(digest|password_hash|sealed)"/);
});

test('LG-03 no token stands in a URL, a cookie or a Referer', async () => {
  const browser = createBrowser(live);
  await browser.authorize(A2, { state: 's' });
  const hops = [...browser.page().hops];
  await browser.signIn('u1');
  hops.push(...browser.page().hops);
  const { url, code } = await browser.consent('allow');
  const tokens_body = tokens(await exchange(live, A2, code ?? ''));
  const again = tokens(await refresh(live, A2, tokens_body.refresh_token ?? ''));
  const urls = hops.map(({ headers }) => headers.location ?? '').join(' ');
  assert.ok(!urls.includes(code ?? 'x') && url.includes(code ?? 'x'), 'only in the callback');
  for (const token of [tokens_body.access_token, tokens_body.refresh_token ?? '',
    again.access_token]) {
    assert.ok(!urls.includes(token) && !url.includes(token));
    assert.ok(![...browser.cookies.values()].some((value) => value.includes(token)));
  }
  for (const { headers, status } of hops.filter((hop) => hop.headers['content-type'] !== '')) {
    if (status === 302 || status === 303 || status === 200) {
      assert.equal(headers['referrer-policy'], 'no-referrer');
    }
  }
});

for (const id of ['LG-04', 'ASVS-16.5.4']) {
  test(`${id} a handler that throws becomes an incident, the process lives on`, async () => {
    const broken = await startServer({
      node_args: ['--import', join(import.meta.dirname, './broken-profile.ts')],
    });
    after(broken.stop);
    const customer = customerIn(broken.live, 'u1');
    const { access_token } = await customer.link(A2);
    const answer = await profile(broken.live, access_token);
    assert.equal(answer.status, 500);
    assert.match(answer.headers['retry-after'] ?? '', /^[1-5]$/);
    assert.doesNotMatch(answer.text, /broken on purpose|\.ts|stack|at /);
    assert.ok(answer.json<{ fault: object }>().fault);
    const fault = logLines(broken).find(({ message }) => message === 'fault');
    assert.match(String(fault?.['request_id']), /^[0-9A-Za-z-]+$/, 'the log has the incident');
    const page = await call(broken.live.origin, { path: '/login' });
    assert.equal(page.status, 302, 'everything else goes on');
  });
}

test('LG-06 store and configuration faults reveal no path, version or host', async () => {
  const broken = await startServer({
    node_args: ['--import', join(import.meta.dirname, './broken-store.ts')],
  });
  after(broken.stop);
  const answers = [
    await exchange(broken.live, A2, 'x'), await profile(broken.live, 'x'),
    await post(broken.live.origin, '/v1/oauth/refreshtoken', [
      ['grant_type', 'refresh_token'], ['refresh_token', 'x'],
    ], [['Authorization', `Basic ${btoa(`${A2.id}:wrong`)}`]]),
  ];
  assert.ok(answers.some(({ status }) => status === 503), 'a store fault is 503');
  for (const { status, text, headers } of answers) {
    assert.ok(![401, 404].includes(status) || status === 401 && text.includes('Token'));
    if (status === 503) assert.match(headers['retry-after'] ?? '', /^[1-5]$/);
    assert.doesNotMatch(text, /sqlite|\/|SELECT|node_modules|disk I\/O/i);
  }
});

test('ASVS-16.4.1 hostile values in requests stay inside their log line', async () => {
  const hostile = 'x\r\n{"level":"error","message":"forged"}\u001b[31m';
  await call(live.origin, {
    path: `/${encodeURIComponent(hostile)}`, headers: [['User-Agent', 'a"b\\c{"d":1}']],
  });
  await exchange(live, A2, hostile);
  const browser = createBrowser(live);
  await browser.open('/login');
  await browser.submit('sign-in', { name: hostile, password: hostile });
  for (const line of server.log().trim().split('\n')) {
    const parsed = JSON.parse(line) as { message: string };
    assert.notEqual(parsed.message, 'forged');
    assert.doesNotMatch(line, /\u001b/);
  }
});

test('ASVS-6.3.2 a server with a seed has no default account, app or key', async () => {
  const names = ['alice', 'admin', 'root', 'demo', 'test', 'operator'];
  const { apps } = await control.act('live', 'app.list', {});
  assert.ok(!JSON.stringify(apps).includes('demoCharts'));
  for (const name of names.filter((one) => one !== 'alice')) {
    const answer = await control.tryAct('live', 'customer.show', { customer: name });
    assert.equal(answer.status, 404, name);
  }
  const demo = createBrowser(live);
  await demo.open('/login');
  const signed_in = await demo.submit('sign-in', { name: 'bob', password: 'demo-password' });
  assert.equal(signed_in.answer.status, 422, 'the demo password opens nothing');
});

test('ASVS-10.3.3 a customer\'s id is never given again', async () => {
  const made = await control.act('live', 'customer.create', {
    login_name: 'passing', name: 'Passing', password: 'demo-password-of-passing',
  });
  await control.act('live', 'customer.set-status', { customer: 'passing', status: 'closed' });
  const again = await control.tryAct('live', 'customer.create', {
    login_name: 'PASSING', name: 'Passing', password: 'demo-password-of-passing',
  });
  assert.equal(again.status, 409, 'the name stays taken, so the id cannot come back');
  const shown = await control.act('live', 'customer.show', { customer: 'passing' });
  assert.equal(shown['customer'], made['customer']);
});
