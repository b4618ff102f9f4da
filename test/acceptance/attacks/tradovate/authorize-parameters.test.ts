/** Parameters of the authorize page as clients and attackers write them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { encodeForm } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { pageText } from '../../../outside/forms.ts';
import { exchange, oauthPath, tokensOf } from '../../../outside/tradovate.ts';
import {
  API_KEYS, REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret } from '../../tradier/secrets.ts';
import { WRONG_CLIENT, WRONG_SETUP } from '../../tradovate/answers.ts';
import { traderIn } from '../../tradovate/trader.ts';
import { ask, errorAt, goesOn, refusedOnPage, sentBack } from './oauth-page.ts';

const OFF = demoRegistration('off', { id: '40031', redirect_uri: 'https://off.example/cb' });
const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values<Registration>(REGISTRATIONS), OFF] }),
});
after(server.stop);
const { live, paper, control } = server;
await control.act('live', 'app.disable', { app: OFF.id });
const { VO, O1, O2, O3, live_only, with_query } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);

test('AC-13[B] any response_type but code is sent back, none means code', async () => {
  const others = [
    'token', 'id_token token', 'code token', 'token code', 'code id_token', 'id_token', 'xyz',
    'none', 'CODE', 'Code', 'code ', ' code', 'code\0', 'code,token', 'code code',
  ];
  for (const app of [VO, with_query]) {
    for (const response_type of others) {
      const path = oauthPath(app, { response_type, state: 's1' });
      const events = await eventsOf(server, 'live', () =>
        sentBack(live, path, errorAt(live, app, 'unsupported_response_type')));
      assert.deepEqual(events, [], 'nothing was issued or begun');
    }
    const twice = `${oauthPath(app, { state: 's1' })}&response_type=code`;
    await sentBack(live, twice, errorAt(live, app, 'invalid_request'));
  }
  for (const response_type of ['code', '', undefined]) {
    const { url, code } = await alice.allow(VO, { response_type, state: 's1' });
    assert.match(url, /^https:\/\/v\.example\/cb\?code=[\w-]+&state=s1&iss=[^&#]+$/);
    tokensOf(await exchange(live, VO, code));
  }
  // A fragment is no place of an answer, whatever response mode is asked for.
  const path = oauthPath(VO, { response_type: 'token', response_mode: 'fragment', state: 's1' });
  await sentBack(live, path, errorAt(live, VO, 'unsupported_response_type'));
});

const EMPTY = {
  scope: '', response_type: '', code_challenge: '', code_challenge_method: '', resource: '',
  nonce: '', env: '', request: '', c: '',
};

test('HP-06[B] an empty parameter counts as absent, state alone as empty', async () => {
  const { url, code } = await alice.allow(O1, { ...EMPTY, state: '' });
  assert.equal(url, `https://app.example/cb?code=${code}&state=`);
  tokensOf(await exchange(live, O1, code, { code_verifier: '', resource: '', httpAuth: '' }));
  const bare = await alice.allow(O1, EMPTY);
  assert.equal(bare.url, `https://app.example/cb?code=${bare.code}`, 'no state, none echoed');
  const denied = await alice.deny(O1, { ...EMPTY, state: '' });
  assert.equal(denied.url, 'https://app.example/cb?error=access_denied&state=');
  assert.equal((await alice.deny(O1)).url, 'https://app.example/cb?error=access_denied');
});

test('HP-06[B] what is required and empty is missing', async () => {
  for (const empty of ['', undefined]) {
    for (const world of [live, paper]) {
      await refusedOnPage(world, oauthPath(O1, { redirect_uri: empty }), ['app.example']);
      const nobody = oauthPath(O1, { client_id: empty });
      await refusedOnPage(world, nobody, ['app.example'], WRONG_CLIENT);
    }
    const path = oauthPath(O3, { code_challenge: empty, state: 's1' });
    await sentBack(live, path, errorAt(live, O3, 'invalid_request'));
  }
  const bare = `/oauth?client_id=${O1.id}&redirect_uri`;
  await refusedOnPage(live, bare, ['app.example'], WRONG_SETUP);
});

/** Names that mean something elsewhere, or to people. */
const UNKNOWN = encodeForm([
  ['foo', '1'], ['type', 'web_server'], ['foo', '2'], ['prompt', 'none'], ['display', 'popup'],
  ['redirectUrl', 'https://evil.test'], ['redirect_uri[]', 'https://evil.test'],
  ['Redirect_Uri', 'https://evil.test'], ['client_secret', 'x'], ['response_mode', 'form_post'],
  ['scope', 'trading'], ['scope', 'All'], ['login_hint', 'erin'], ['max_age', '0'],
  ['request', 'x'], ['request_uri', 'https://evil.test'], ['__proto__', 'x'], ['c', '1'], ['', ''],
]);

test('HP-07[B] unknown parameters are ignored, wherever they stand', async () => {
  const path = oauthPath(VO, { state: 's1' });
  const plain = pageText((await alice.ask(VO, { state: 's1' })).answer.text);
  const before = path.replace('?', `?${UNKNOWN}&`);
  for (const asked of [`${path}&${UNKNOWN}`, before, `${path}&%zz=%ff`]) {
    await goesOn(live, asked);
    const { answer } = await alice.browser.open(asked);
    assert.equal(pageText(answer.text), plain);
    assert.ok(!`${answer.text}${answer.raw_headers.join('\n')}`.includes('evil.test'));
    const { url, code } = await alice.browser.consent('allow');
    assert.match(url, /^https:\/\/v\.example\/cb\?code=[\w-]+&state=s1&iss=[^&#]+$/);
    tokensOf(await exchange(live, VO, code ?? ''));
  }
  for (const app of [O3, OFF]) {
    const { status, headers } = await ask(live, `${oauthPath(app)}&${UNKNOWN}`);
    const good = app === OFF ? '400 undefined' : `303 ${app.redirect_uri}?error=invalid_request`;
    assert.equal(`${status} ${headers.location}`, good, 'nor do they hide a fault');
  }
});

const APPS: readonly Registration[] = [VO, O1, O2, O3, live_only, with_query, OFF];
const values: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...APPS.flatMap(({ id, redirect_uri }) => [id, redirect_uri]), String(API_KEYS.K1.cid), 'demo',
    'live', 'code', 'token', 'S256', 'plain', 'A'.repeat(43), ...VO.resources, '',
    'https://evil.test/cb', 'https://v.example.evil.test/cb', 'https://v.example@evil.test/cb',
    '//evil.test', '/\\evil.test', 'javascript:alert(1)', 'https://v.example/cb/', '?env=demo',
  ),
  fc.string({ maxLength: 60, unit: 'binary' }).map((text) => text.toWellFormed()),
);
const names: fc.Arbitrary<string> = fc.constantFrom(
  'redirect_uri', 'response_type', 'scope', 'state', 'code_challenge', 'code_challenge_method',
  'resource', 'nonce', 'env', 'request', 'c', 'client_id', 'redirectUrl', 'next',
);

const pairs: fc.Arbitrary<Pair> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(names, values) },
  fc.constant(['env', 'demo'] as const),
);

type Pair = readonly [name: string, value: string];

type Asked = {
  readonly path: string;
  readonly world: WorldSite;
  readonly app: Registration;
  readonly parameters: readonly Pair[];
  readonly own: boolean;
};

const requests: fc.Arbitrary<Asked> = fc.record({
  path: fc.constantFrom('/oauth', '/OAUTH', '/oauth', '/oauth/', '/oauth//evil.test', '/v1/oauth'),
  world: fc.constantFrom(live, paper),
  app: fc.constantFrom(...APPS),
  parameters: fc.array(pairs, { maxLength: 6 }),
  /** With the app's own address before anything else. */
  own: fc.boolean(),
});

/** Our own page, the demo host's for who asked for it, or an error at the app's own address. */
function isValidated(location: string, { world, app, parameters }: Asked): boolean {
  const sent = (name: string, value?: string): boolean => parameters
    .some((pair) => pair[0] === name && pair[1] === (value ?? pair[1]));
  if (/^\/oauth\?client_id=\d+&request=[\w-]+&c=1$/.test(location)) return isServed(world, app);
  if (/^\/oauth\?(.*&)?c=1$/i.test(location)) return sent('request');
  if (location.toLowerCase().startsWith(`${paper.origin}/oauth?`)) {
    return world === live && sent('env', 'demo');
  }
  const joiner = app.redirect_uri.includes('?') ? '&' : '?';
  return isServed(world, app) && location.startsWith(`${app.redirect_uri}${joiner}error=`);
}

function isServed({ name }: WorldSite, app: Registration): boolean {
  return app.worlds.includes(name) && !(app === OFF && name === 'live');
}

test('P-07[B] a Location appears only for a validated address', async () => {
  const seen = { page: 0, callback: 0, demo: 0, none: 0 };
  await fc.assert(fc.asyncProperty(requests, async (asked) => {
    const { path, world, app, parameters, own } = asked;
    const begun: Pair[] = [['client_id', app.id]];
    if (own) begun.push(['redirect_uri', app.redirect_uri]);
    const address = `${path}?${encodeForm([...begun, ...parameters])}`;
    const { status, headers } = await ask(world, address);
    const { location } = headers;
    assert.ok(status < 500, `${status} at ${address}`);
    if (location === undefined) {
      seen.none += 1;
      return;
    }
    assert.equal(status, 303);
    assert.ok(isValidated(location, asked), `${address} leads to ${location}`);
    const kind = location.startsWith('https:') ? 'callback' : 'demo';
    seen[location.startsWith('/') ? 'page' : kind] += 1;
  }), { numRuns: 2_000 });
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 20, `${kind}: ${count}`);
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
