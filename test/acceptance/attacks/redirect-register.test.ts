/** Callbacks and links that may not be registered, whichever way they come in. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startServer } from '../../world.ts';
import {
  refusesCommand, refusesRegistration, refusesToStart, takesRegistration, withApps,
} from './registration.ts';

const server = await startServer({ seed: withApps() });
after(server.stop);

const CALLBACK_REASON = /callback 1 (?:holds|has|is|must|may)/;

/** Every one of these alone, and behind a good one. */
async function refusesCallbacks(
  callbacks: readonly string[],
  reason: RegExp = CALLBACK_REASON,
): Promise<void> {
  for (const callback of callbacks) {
    await refusesRegistration(server, { redirect_uris: [callback] }, reason);
  }
  const [first = ''] = callbacks;
  const second = { redirect_uris: ['https://good.example/cb', first] };
  await refusesRegistration(server, second, /callback 2 /);
  await refusesCommand(server, ['--redirect-uri', first], reason);
}

test('RU-03 a callback with a user name cannot be registered', async () => {
  await refusesCallbacks([
    'https://user@app.example/cb', 'https://user:pw@app.example/cb', 'https://@app.example/cb',
    'https://app.example@evil.test/cb', 'https://a@b@app.example/cb',
    'https://app.example%40evil.test/cb', 'com.example.app://user@host/cb',
  ]);
});

test('RU-04 a callback with dot segments or backslashes cannot be registered', async () => {
  await refusesCallbacks([
    'https://app.example/cb/../x', 'https://app.example/./cb', 'https://app.example/cb/..',
    'https://app.example/cb/%2e%2e/x', 'https://app.example/cb/..%2fx',
    'https://app.example/cb\\..\\x', 'https:\\\\app.example\\cb',
  ]);
});

test('RU-06 a callback with a fragment, even an empty one, cannot be registered', async () => {
  await refusesCallbacks([
    'https://app.example/cb#x', 'https://app.example/cb#', 'https://app.example/#/cb',
    'http://127.0.0.1:8080/cb#', 'com.example.app:/cb#x',
  ]);
});

test('RU-09 wildcards, patterns and an empty list cannot be registered', async () => {
  await refusesCallbacks([
    'https://*.example/cb', '*', 'https://app.example/*', '^https://.*$', 'https://app.example/**',
    'https://*/cb', 'https://app.*/cb', 'https://app.example/cb?x=*', 'https://.*/cb',
    'https://(a|b).example/cb', 'https://[^/]+/cb', '.*', '',
  ]);
  await refusesRegistration(server, { redirect_uris: [] }, /at least one callback/);
  await refusesCommand(server, [], /redirect.uris? is missing|at least one callback/);
  const twice = { redirect_uris: ['https://a.example/cb', 'https://a.example/cb'] };
  await refusesRegistration(server, twice, /listed twice/);
});

test('RU-13 plain http off loopback cannot be registered', async () => {
  await refusesCallbacks([
    'http://app.example/cb', 'http://www.app.example:8080/cb', 'http://10.0.0.1/cb',
    'http://127.0.0.1.evil.test/cb', 'http://localhost.evil.test/cb', 'http://[::2]/cb',
    'http://127.0.0.2/cb', 'http://0.0.0.0/cb', 'http://127.1/cb', 'http://2130706433/cb',
    'http://[::ffff:127.0.0.1]/cb', 'http:app.example/cb', 'http:/app.example/cb', 'http://',
    'ws://app.example/cb', 'ftp://app.example/cb',
  ]);
  await takesRegistration(server, {
    redirect_uris: [
      'https://app.example/cb', 'http://127.0.0.1:8080/cb', 'http://[::1]:8080/cb',
      'http://localhost:8080/cb', 'https://app.example/cb?tradier=linked&env=live',
    ],
  });
});

const ACTIVE = [
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'javascript://app.example/%0aalert(1)',
  'data:text/html,x', 'DATA:text/html;base64,eA==', 'vbscript:x', 'blob:https://x/1',
  'file:///etc/passwd', 'about:blank', 'view-source:https://app.example/',
  'filesystem:https://app.example/x', ' javascript:alert(1)', 'java\tscript:alert(1)',
];

test('RU-14 active schemes are refused for callback, home page and logo, on each way', async () => {
  await refusesCallbacks(ACTIVE, /callback 1 |: is never a callback/);
  for (const uri of ACTIVE) {
    await refusesRegistration(server, { home_page: uri }, /must|https|holds/);
    await refusesRegistration(server, { logo: uri }, /must|https|holds/);
  }
  await refusesCommand(server, [
    '--redirect-uri', 'https://app.example/cb', '--home-page', 'javascript:alert(1)',
  ], /must|https/);
  await refusesCommand(server, [
    '--redirect-uri', 'https://app.example/cb', '--logo', 'data:text/html,x',
  ], /must|https/);
  await refusesToStart({ redirect_uris: ['javascript:alert(1)'] }, /apps\[0\]\.redirect_uris/);
  await refusesToStart({ home_page: 'JaVaScRiPt:alert(1)' }, /apps\[0\]\.home_page/);
  await refusesToStart({ logo: 'data:image/svg+xml,x' }, /apps\[0\]\.logo/);
  await takesRegistration(server, {
    home_page: 'https://app.example/', logo: 'https://app.example/logo.png',
  });
});

test('RU-15 a private-use scheme without a dot cannot be registered', async () => {
  await refusesCallbacks([
    'myapp:/cb', 'myapp://cb', 'myapp:cb', 'x:/cb', 'intent:/cb', 'com.example.app:cb',
  ]);
});

test('RU-16 control characters and blanks cannot be registered, wherever they stand', async () => {
  const inserted = ['\t', '\n', '\r', '\r\nSet-Cookie: x=1', '\0', ' ', '\u007f', '\u0085'];
  const callbacks = inserted.flatMap((text) => [
    `https://app.example/cb${text}`, `${text}https://app.example/cb`,
    `https://app.example/${text}cb`, `https://app.example/cb${text}https://evil.test/`,
  ]);
  const encoded = ['%00', '%0d%0aSet-Cookie:%20x=1', '%0a', '%7f', '%1b']
    .map((text) => `https://app.example/cb${text}`);
  for (const callback of callbacks) {
    await refusesRegistration(server, { redirect_uris: [callback] }, CALLBACK_REASON);
  }
  for (const callback of encoded) {
    await refusesRegistration(server, { redirect_uris: [callback] }, CALLBACK_REASON);
  }
  await refusesCommand(server, ['--redirect-uri', 'https://app.example/cb\n'], CALLBACK_REASON);
  await refusesToStart({ redirect_uris: ['https://app.example/cb\n'] }, CALLBACK_REASON);
});

test('RU-17 the registry takes ASCII only', async () => {
  await refusesCallbacks([
    'https://\uff41pp.example/cb', 'https://app\u3002example/cb', 'https://app\uff0eexample/cb',
    'https://app.example\uff0fcb', 'https://\u0430pp.example/cb', 'https://app.example/c\u00f6',
    'https://app.example/cb\u200b', '\ufeffhttps://app.example/cb', 'https://app.example/\u202e',
    'https://%61pp.example/cb', 'https://%ef%bd%81pp.example/cb',
  ]);
});

test('RU-24 a callback that holds a parameter of our answer cannot be registered', async () => {
  const names = ['code', 'state', 'iss', 'error', 'response'];
  await refusesCallbacks(names.flatMap((name) => [
    `https://app.example/cb?${name}=x`, `https://app.example/cb?a=1&${name}=`,
    `https://app.example/cb?${name}`,
  ]));
  // The same names behind an escape, and in a form decoder's other spelling.
  await refusesCallbacks([
    'https://app.example/cb?c%6fde=x', 'https://app.example/cb?%73tate=x',
    'https://app.example/cb?a=1&err%6Fr=x', 'com.example.app:/cb?code=x',
  ]);
  await takesRegistration(server, { redirect_uris: ['https://app.example/cb?codes=1&my_state=2'] });
});

test('every refused act is remembered, once, and without what it said', async () => {
  const before = await server.control.audit('live');
  const wrong = { redirect_uris: ['https://odd-marker@app.example/cb'] };
  await refusesRegistration(server, wrong, CALLBACK_REASON);
  const events = (await server.control.audit('live')).slice(before.length);
  assert.deepEqual(events.map(({ action }) => action), ['act.refused', 'act.refused']);
  assert.ok(!JSON.stringify(events).includes('odd-marker'), JSON.stringify(events));
  assert.ok(!server.log().includes('odd-marker'));
});
