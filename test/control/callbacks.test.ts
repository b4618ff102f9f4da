/** Callbacks that must not be registered, whichever way they come (attack rows marked BOOT). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from '../world.ts';
import { createArgs, freshApp, refusedThreeWays } from './registration.ts';

const server = await startServer();
after(server.stop);

type Case = {
  readonly row: string;
  readonly says: string;
  readonly uris: readonly string[];
  readonly reason: RegExp;
};

const CASES: readonly Case[] = [
  {
    row: 'RU-03',
    says: 'a user name before the host is never registered',
    uris: ['https://app.example@evil.test/cb', 'https://a@b@app.example/cb', 'https://@h.example/'],
    reason: /user name/,
  },
  {
    row: 'RU-06',
    says: 'a fragment is never registered, not even an empty one',
    uris: ['https://app.example/cb#x', 'https://app.example/cb#'],
    reason: /fragment/,
  },
  {
    row: 'RU-09',
    says: 'wildcards and patterns are never registered',
    uris: ['*', 'https://*.example/cb', 'https://app.example/*', '^https://.*$'],
    reason: /wildcard|no URI may hold/,
  },
  {
    row: 'RU-13',
    says: 'plain http is registered on loopback only',
    uris: ['http://app.example/cb', 'http://127.0.0.1.evil.test/cb', 'http://127.0.0.2/cb',
      'http://localhost.evil.test/cb', 'http://0.0.0.0/cb'],
    reason: /plain http/,
  },
  {
    row: 'RU-14',
    says: 'addresses that run or read something are never callbacks',
    uris: ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x',
      'blob:https://x/1', 'file:///etc/passwd', 'about:blank'],
    reason: /is never a callback/,
  },
  {
    row: 'RU-15',
    says: 'a scheme of its own needs a dot',
    uris: ['myapp:/cb', 'urn:ietf:wg:oauth:2.0:oob', 'intent:/cb'],
    reason: /without a dot/,
  },
  {
    row: 'RU-16',
    says: 'blanks and control characters are never registered, escaped ones neither',
    uris: ['https://app.example/cb\t', 'https://app.example/cb\n', 'https://app.example/\r\ncb',
      'https://app.example/cb\0', 'https://app.example/c b', ' https://app.example/cb',
      'https://app.example/cb ', 'https://app.example/cb%00',
      'https://app.example/cb%0d%0aSet-Cookie:%20x=1',
      'https://app.example/cb\nhttps://b.example/'],
    reason: /control|escape/,
  },
  {
    row: 'RU-17',
    says: 'the registry holds ASCII only',
    uris: ['https://ａpp.example/cb', 'https://app。example/cb', 'https://app．example/cb',
      'https://app.example／cb', 'https://аpp.example/cb', 'https://app.example/ü',
      'https://app%E3%80%82example/cb'],
    reason: /non-ASCII|host name/,
  },
  {
    row: 'RU-24',
    says: 'a query that holds a parameter of the answer is never registered',
    uris: ['code', 'state', 'iss', 'error', 'response', 'c%6Fde', 'CODE'].flatMap((name) =>
      [`https://app.example/cb?${name}=1`, `https://app.example/cb?x=1&${name}`]),
    reason: /already holds/,
  },
];

for (const { row, says, uris, reason } of CASES) {
  test(`${row} ${says}`, async () => {
    for (const uri of uris) await refusedThreeWays(server, { redirect_uris: [uri] }, reason);
    // One bad callback among good ones is enough.
    const mixed = ['https://good.example/cb', uris[0] ?? ''];
    await refusedThreeWays(server, { redirect_uris: mixed }, reason);
  });
}

test('RU-09 an empty list of callbacks is never registered', async () => {
  await refusedThreeWays(server, { redirect_uris: [] }, /at least one/);
});

test('RU-14 home page and logo take https addresses only', async () => {
  const bad = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x',
    'blob:https://x/1', 'file:///etc/passwd', 'about:blank', 'http://app.example/', '//x.example/',
    'https://user@x.example/', ''];
  for (const url of bad) {
    await refusedThreeWays(server, { home_page: url }, /https address|user name/);
    await refusedThreeWays(server, { logo: url }, /https address|user name/);
  }
});

test('callbacks that may be registered', async () => {
  const good = ['https://app.example/cb', 'https://app.example', 'https://app.example:8443/cb?x=1',
    'https://xn--bcher-kva.example/cb', 'https://app.example/cb;a=1',
    'https://app.example/c%C3%BC', 'http://127.0.0.1/cb', 'http://127.0.0.1:4402/cb',
    'http://[::1]:9/cb', 'http://localhost:3000/',
    'com.example.app:/cb', 'https://app.example/cb?coder=1&estate=2'];
  const app = freshApp();
  const made = await server.control.act('live', 'app.create', {
    ...createArgs(app), redirect_uris: good,
  });
  assert.deepEqual(made['redirect_uris'], good, 'byte for byte');
});
