/** Message framing, slow clients and unfinished flows (HP-10, DS-02…05, ASVS 4.2.1). */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import { refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { rowCount } from '../data/dump.ts';
import { sendRaw, statuses } from './raw.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer({
  set: { 'password.concurrency': 1, 'password.queue': 2 },
});
after(server.stop);
const { live, control } = server;
const { A2 } = APPS;
const host = new URL(live.origin).host;
const HEAD = `Host: ${host}\r\nAuthorization: ${A2.basic}\r\n` +
  'Content-Type: application/x-www-form-urlencoded\r\n';
const SMUGGLED = `GET /v1/user/profile HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

const AMBIGUOUS = {
  'length and chunked': `POST /v1/oauth/accesstoken HTTP/1.1\r\n${HEAD}Content-Length: 4\r\n` +
    `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two lengths': `POST /v1/oauth/accesstoken HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n` +
    `Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'folded header': `GET /v1/user/profile HTTP/1.1\r\n${HEAD}X-A: b\r\n c\r\n\r\n`,
  'bare CR': `GET /v1/user/profile HTTP/1.1\r\n${HEAD}X-A: b\rc: d\r\n\r\n`,
  'HTTP/1.0 chunked': `POST /v1/oauth/accesstoken HTTP/1.0\r\n${HEAD}` +
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two hosts': `GET /v1/user/profile HTTP/1.1\r\n${HEAD}Host: evil.test\r\n\r\n`,
  'blank before colon': `GET /v1/user/profile HTTP/1.1\r\nHost : ${host}\r\n\r\n`,
  'odd coding': `POST /v1/oauth/accesstoken HTTP/1.1\r\n${HEAD}` +
    'Transfer-Encoding: xchunked\r\n\r\n',
} as const;

for (const id of ['HP-10', 'ASVS-4.2.1']) {
  test(`${id} ambiguous framing is 400 and the connection closes`, async () => {
    for (const [name, text] of Object.entries(AMBIGUOUS)) {
      const answer = await sendRaw(live.origin, text);
      assert.deepEqual(statuses(answer.text), [400], name);
      assert.ok(answer.closed, `${name}: the connection closes`);
    }
  });
}

test('DS-02 slow heads and idle connections are cut off', async () => {
  const [slow, idle] = await Promise.all([
    sendRaw(live.origin, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `, 14_000),
    sendRaw(live.origin, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 9_000),
  ]);
  assert.ok(slow.closed && slow.ms < 13_000, `a head within 10 s (${slow.ms} ms)`);
  assert.deepEqual(statuses(idle.text), [200]);
  assert.ok(idle.closed && idle.ms < 8_000, `idle for 5 s (${idle.ms} ms)`);
});

test('DS-03 flows that nobody finishes leave no rows', async () => {
  const rows = () => rowCount(server.data, 'live', 'request');
  const before = rows();
  for (let i = 0; i < 300; i++) {
    const path = `/v1/oauth/authorize?client_id=${A2.id}&state=${i}`;
    const answer = await call(live.origin, { path });
    const page = await call(live.origin, {
      path: (answer.headers.location ?? '').replace(live.origin, ''),
    });
    assert.equal(page.status, 302, 'the first look sets a cookie and claims nothing');
  }
  assert.equal(rows(), before);
  const browser = createBrowser(live);
  await browser.authorize(A2);
  assert.equal(rows(), before + 1, 'a browser that brings the cookie back claims one');
  await control.advance(1801);
  const late = await browser.open(browser.page().url);
  assert.equal(late.answer.status, 400, 'and it ends by itself');
});

/** A regular expression literal: after what an expression may follow, up to its flags. */
const LITERAL = new RegExp([
  '(?<=[=(,:[!&|?{};\\n]\\s*)\\/(?![*/])',
  '((?:\\\\.|\\[(?:\\\\.|[^\\]\\n])*\\]|[^/\\\\\\n])+)\\/[dgimsuvy]*',
].join(''), 'g');

/** Every regular expression in the sources, with its place. */
function expressions(folder: string): { readonly place: string; readonly source: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .flatMap((entry) => {
      const place = join(entry.parentPath, entry.name);
      const text = readFileSync(place, 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
      return [...text.matchAll(LITERAL)]
        .map(([, source = '']) => ({ place, source }));
    });
}

test('DS-04 no expression backtracks into itself and none comes from a user', () => {
  const root = join(import.meta.dirname, '../../../src');
  const found = expressions(root);
  assert.ok(found.length > 20, `${found.length} expressions were found`);
  for (const { place, source } of found) {
    // A repeated group that itself repeats without an anchor is where time explodes.
    const nested = /\((?:\?:)?[^()]*[+*]\)[+*{]/.test(source);
    assert.ok(!nested, `${place}: ${source}`);
  }
  const built = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((place) => readFileSync(place, 'utf8').includes('new RegExp('));
  assert.deepEqual(built.map((place) => place.slice(root.length + 1)).toSorted(), BUILT);
});

/** Files that build expressions, from constants of ours alone. */
const BUILT = ['adapters/tokens/shapes.ts', 'main/demo/demo-client.ts'];

test('DS-05 a flood of sign-ins meets a bounded queue, tokens go on', async () => {
  const { refresh_token = '' } = await customerIn(live, 'u1').link(A2);
  const browsers = await Promise.all(Array.from({ length: 24 }, async () => {
    const browser = createBrowser(live);
    await browser.open('/login');
    return browser;
  }));
  const flood = browsers.map(async (browser, i) =>
    (await browser.submit('sign-in', { name: `nobody${i}`, password: 'wrong' })).answer);
  await pause(5);
  assert.equal((await refresh(live, A2, refresh_token)).status, 200, 'during the flood');
  const answers = await Promise.all(flood);
  const shed = answers.filter(({ status }) => status === 503);
  assert.ok(shed.length > 0, 'some are shed');
  assert.ok(answers.every(({ status }) => status === 503 || status === 422));
  for (const { headers } of shed) assert.match(headers['retry-after'] ?? '', /^[1-5]$/);
});
