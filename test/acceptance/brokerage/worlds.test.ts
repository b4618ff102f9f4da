/** Two worlds, nothing crosses: every object of one is unknown at every endpoint of the other. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { call, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App, WorldSite } from '../../outside/fixtures.ts';
import { pageText } from '../../outside/forms.ts';
import { exchange, profile, refresh, tokens } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { assertTokenError } from '../tradier/answers.ts';
import { customerIn } from '../tradier/customer.ts';
import type { Customer } from '../tradier/customer.ts';
import { assertLogHoldsNoSecret, linesOf } from '../tradier/secrets.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const { A2, A3 } = APPS;
const DIRECTIONS = [[live, paper], [paper, live]] as const;

/** One object of each kind, all good in their own world. */
type Objects = {
  readonly code: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly personal_token: string;
  readonly request: string;
  readonly login_cookie: string;
  readonly flow_cookie: string;
  readonly csrf: string;
};

const cookieName = (world: WorldSite, kind: 'flow' | 'login'): string =>
  `cs_${world.name}_${kind}-dev`;

async function objectsOf(customer: Customer): Promise<Objects> {
  const { world, cookies } = customer.browser;
  const { code } = await customer.allow(A2);
  const { access_token, refresh_token = '' } = await customer.link(A2);
  const personal_token = await customer.newPersonalToken();
  await customer.ask(A2, 'state=s1');
  const fields = new Map(customer.browser.form('consent').fields);
  const objects = {
    code,
    access_token,
    refresh_token,
    personal_token,
    request: fields.get('request') ?? '',
    csrf: fields.get('csrf') ?? '',
    login_cookie: cookies.get(cookieName(world, 'login')) ?? '',
    flow_cookie: cookies.get(cookieName(world, 'flow')) ?? '',
  };
  for (const [kind, value] of Object.entries(objects)) assert.notEqual(value, '', kind);
  return objects;
}

/** Every way in that takes an object, with the object in it. */
const ENDPOINTS = {
  'code at accesstoken': (world, text) => exchange(world, A2, text),
  'code at refreshtoken': (world, text) => token(world, 'refreshtoken', 'code', text),
  'refresh token at refreshtoken': (world, text) => refresh(world, A2, text),
  'refresh token at accesstoken': (world, text) => token(world, 'accesstoken', 'refresh', text),
  'client secret': (world, text) =>
    exchange(world, { ...A2, basic: basicOf(A2.id, text) }, 'unknown'),
  bearer: (world, text) => profile(world, text),
  request: (world, text) => page(world, `?client_id=${A2.id}&request=${text}`),
  'request in her own browser': (world, text) =>
    page(world, `?client_id=${A2.id}&request=${text}&c=1`, ownCookies(world)),
  'sign-in cookie': (world, text) => get(world, '/connections', cookie(world, 'login', text)),
  'flow cookie': (world, text) => get(world, '/login?c=1', cookie(world, 'flow', text)),
  'csrf at sign-in': (world, text) => submit(world, '/login', { csrf: text, name: 'u1' }),
  'csrf at consent': (world, text) =>
    submit(world, '/consent', { csrf: text, request: own(world).request, decision: 'allow' }),
  'request at consent': (world, text) =>
    submit(world, '/consent', { csrf: own(world).csrf, request: text, decision: 'allow' }),
  'csrf at connections': (world, text) =>
    submit(world, '/connections/end-all', { csrf: text }),
  'csrf at sign-out': (world, text) => submit(world, '/logout', { csrf: text }),
} as const satisfies { readonly [name: string]: Endpoint };

type Endpoint = (world: WorldSite, text: string) => Promise<Answer>;

const customers = { live: customerIn(live, 'u1'), paper: customerIn(paper, 'u1') };
const objects = { live: await objectsOf(customers.live), paper: await objectsOf(customers.paper) };
const own = ({ name }: WorldSite): Objects => objects[name];

function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

function token(world: WorldSite, address: string, kind: 'code' | 'refresh', text: string) {
  const form = kind === 'code'
    ? [['grant_type', 'authorization_code'], ['code', text]] as const
    : [['grant_type', 'refresh_token'], ['refresh_token', text]] as const;
  return post(world.origin, `/v1/oauth/${address}`, form, [['Authorization', A2.basic]]);
}

type Headers = readonly (readonly [string, string])[];

const cookie = (world: WorldSite, kind: 'flow' | 'login', text: string): Headers =>
  [['Cookie', `${cookieName(world, kind)}=${text}`]];

const ownCookies = (world: WorldSite): Headers => [[
  'Cookie',
  `${cookieName(world, 'flow')}=${own(world).flow_cookie}; ` +
    `${cookieName(world, 'login')}=${own(world).login_cookie}`,
]];

function get(world: WorldSite, path: string, headers: Headers = []): Promise<Answer> {
  return call(world.origin, { path, headers: [['Accept', 'text/html'], ...headers] });
}

const page = (world: WorldSite, query: string, headers: Headers = []): Promise<Answer> =>
  get(world, `/oauth/authorize${query}`, headers);

function submit(
  world: WorldSite,
  path: string,
  fields: { readonly [name: string]: string },
): Promise<Answer> {
  return post(world.origin, path, Object.entries(fields), [
    ...ownCookies(world), ['Origin', world.origin], ['Sec-Fetch-Site', 'same-origin'],
  ]);
}

/** What a client can tell: status, target and text, without the reference of the request. */
function seenIn({ status, headers, text }: Answer): object {
  const html = String(headers['content-type']).startsWith('text/html');
  const said = html ? pageText(text).replace(/(Reference for support: )\S+/, '$1…') : text;
  const location = headers.location?.replace(/request=[^&]+/, 'request=…');
  return { status, location, challenge: headers['www-authenticate'], said };
}

/** An object that nobody ever issued, of the same look. */
function unknownLike(world: WorldSite, text: string): string {
  const [, kind = ''] = /^cs_(?:live|paper)_([a-z]+)_/.exec(text) ?? [];
  const prefix = `cs_${world.name}_${kind}_`;
  return prefix + 'Zz9'.repeat(200).slice(0, Math.max(0, text.length - prefix.length));
}

test('BR-01 an object of one world is unknown at every endpoint of the other', async () => {
  let answers = 0;
  for (const [home, abroad] of DIRECTIONS) {
    for (const [kind, text] of Object.entries(own(home))) {
      for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
        const foreign = await endpoint(abroad, text);
        const unknown = await endpoint(abroad, unknownLike(abroad, text));
        const where = `${kind} of ${home.name}: ${name} of ${abroad.name}`;
        assert.deepEqual(seenIn(foreign), seenIn(unknown), where);
        assert.ok(foreign.status >= 300 && foreign.status < 500, `${where}: ${foreign.status}`);
        answers += 1;
      }
      // Failed client authentications and sign-in attempts count per minute.
      await control.advance(61);
    }
  }
  assert.equal(answers, 2 * 8 * Object.keys(ENDPOINTS).length);
});

test('BR-01 the operator sees which world an object came from', async () => {
  const places = [
    ['code', 'code at accesstoken'], ['refresh_token', 'refresh token at refreshtoken'],
    ['access_token', 'bearer'], ['personal_token', 'bearer'], ['request', 'request'],
  ] as const;
  for (const [home, abroad] of DIRECTIONS) {
    for (const [kind, name] of places) {
      const lines = await linesOf(
        server,
        () => ENDPOINTS[name](abroad, own(home)[kind]),
        (line) => line['reason'] === 'env_mismatch',
      );
      assert.equal(lines.length, 1, `${kind} of ${home.name}`);
      assert.equal(lines[0]?.['world'], abroad.name);
    }
  }
});

test('BR-01 a client secret of one world opens nothing in the other', async () => {
  const only_paper = await exchange(live, A3, 'unknown');
  assertTokenError(live, only_paper, 'E1');
  assertTokenError(paper, await exchange(paper, A3, 'unknown'), 'E3');
  // The same app with a secret of its own in one world.
  const rotated = await control.act('paper', 'app.rotate-secret', { app: A2.id });
  const secret = typeof rotated['secret'] === 'string' ? rotated['secret'] : '';
  assert.match(secret, /^[A-Za-z0-9_-]{40,}$/);
  const with_paper_secret: App = { ...A2, secret, basic: basicOf(A2.id, secret) };
  assertTokenError(paper, await exchange(paper, with_paper_secret, 'unknown'), 'E3');
  assertTokenError(live, await exchange(live, with_paper_secret, 'unknown'), 'E1');
  assertTokenError(live, await exchange(live, A2, 'unknown'), 'E3');
});

test('BR-01 after all that every object is still good at home', async () => {
  for (const [home] of DIRECTIONS) {
    const fresh = await objectsOf(customers[home.name]);
    for (const { access_token, refresh_token } of [own(home), fresh]) {
      assert.equal((await refresh(home, A2, refresh_token)).status, 200);
      if (access_token === fresh.access_token) {
        assert.equal((await profile(home, access_token)).status, 200);
      }
    }
    assert.equal((await profile(home, fresh.personal_token)).status, 200);
    const first = tokens(await exchange(home, A2, fresh.code));
    assert.equal((await profile(home, first.access_token)).status, 200);
  }
});

test('BR-05 cookie names carry the world, for cookies ignore ports', () => {
  for (const { browser } of Object.values(customers)) {
    const names = [...browser.cookies.keys()];
    assert.deepEqual(names.toSorted(), [
      cookieName(browser.world, 'flow'), cookieName(browser.world, 'login'),
    ]);
  }
});

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
