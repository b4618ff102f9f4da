/** Redirect addresses at the authorize page: bytes are compared, anything else is our page. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { oauthPath } from '../../../outside/tradovate.ts';
import type { Registration } from '../../../outside/tradovate-fixtures.ts';
import {
  REGISTRATIONS, USERS, demoRegistration, tradovateSeed,
} from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { eventsOf } from '../../tradier/events.ts';
import { assertLogHoldsNoSecret, linesOf } from '../../tradier/secrets.ts';
import { assertWrongPage, WRONG_SETUP } from '../../tradovate/answers.ts';
import { traderIn } from '../../tradovate/trader.ts';
import { ask, decidedIn, goesOn, rawPath, refusedOnPage } from './oauth-page.ts';

const DOTTED = demoRegistration('dotted', {
  id: '40011', redirect_uri: 'https://foo.example/cb',
});
const server = await startServer({
  seed: tradovateSeed({ registrations: [...Object.values<Registration>(REGISTRATIONS), DOTTED] }),
});
after(server.stop);
const { live, paper, control } = server;
const { VO, O2, with_query } = REGISTRATIONS;
const alice = traderIn(live, USERS.alice);

/** Each is our page, in both worlds; the app's own address goes on working. */
async function refuses(app: Registration, wrong: readonly string[]): Promise<void> {
  const events = await eventsOf(server, 'live', async () => {
    for (const redirect_uri of wrong) {
      assert.notEqual(redirect_uri, app.redirect_uri, 'the row tries a wrong one');
      const path = oauthPath(app, { redirect_uri, state: 's1' });
      for (const world of [live, paper]) await refusedOnPage(world, path, [redirect_uri]);
    }
    await goesOn(live, oauthPath(app));
  });
  assert.deepEqual(decidedIn(events), []);
}

type Row = {
  readonly id: string;
  readonly says: string;
  readonly wrong: readonly string[];
  readonly app?: Registration;
};

const ROWS: readonly Row[] = [
  {
    id: 'RU-01[B]',
    says: 'another host, path or app',
    wrong: [
      'https://other.example/cb', 'https://v.example/other', O2.redirect_uri,
      'https://evil.test/cb?https://v.example/cb', 'https://v.example',
    ],
  },
  {
    id: 'RU-02[B]',
    says: 'the registered address as the beginning of another',
    wrong: [
      'https://v.example.evil.test/cb', 'https://v.exampleevil.test/cb', 'https://v.example/cbevil',
      'https://v.example/cb/extra', 'https://v.example/c', 'https://v.example/',
    ],
  },
  {
    id: 'RU-03[B]',
    says: 'user names and several at-signs',
    wrong: [
      'https://v.example@evil.test/cb', 'https://evil.test@v.example/cb', 'https://@v.example/cb',
      'https://a@b@v.example/cb', 'https://v.example%40evil.test/cb', 'https://u:p@v.example/cb',
    ],
  },
  {
    id: 'RU-04[B]',
    says: 'dot segments and backslashes, encoded or not',
    wrong: [
      '/cb/../x', '/cb/..;/x', '/cb/%2e%2e/x', '/cb/..%2fx', '/cb/%252e%252e%252fx', '/x/../cb',
      '/./cb', '//cb', '/%63b', '/cb\\..\\x', '\\cb',
    ].map((path) => `https://v.example${path}`).concat('https:\\\\v.example\\cb'),
  },
  {
    id: 'RU-05[B]',
    says: 'a query where none is registered',
    wrong: ['?x=1', '?code=evil', '?', '?&', '%3F'].map((query) => `${VO.redirect_uri}${query}`),
  },
  {
    id: 'RU-05[B]',
    says: 'another query than the registered one',
    app: with_query,
    wrong: ['', '?', '?from=live', '?from=demo&y=2', '?y=2&from=demo', '?from=demo&from=demo',
      '?from=demo&', '?From=demo', '?from=dem%6f', '?from=demo&code=evil']
      .map((query) => `https://query.example/cb${query}`),
  },
  {
    id: 'RU-06[B]',
    says: 'a fragment, even an empty one',
    wrong: ['#x', '#', '#?code=evil', '%23'].map((fragment) => `${VO.redirect_uri}${fragment}`),
  },
  {
    id: 'RU-07[B]',
    says: 'a path parameter',
    wrong: ['https://v.example/cb;a=1', 'https://v.example/cb;', 'https://v.example;a=1/cb'],
  },
  {
    id: 'RU-08[B]',
    says: 'letter case, default port, trailing dot or slash',
    wrong: [
      'HTTPS://v.example/cb', 'https://V.example/cb', 'https://v.example/CB', 'http://v.example/cb',
      'https://v.example:443/cb', 'https://v.example./cb', 'https://v.example/cb/',
      'https://v.example:/cb',
    ],
  },
  {
    id: 'RU-10[B]',
    says: 'a registered dot that matches anything else',
    app: DOTTED,
    wrong: ['https://fooaexample/cb', 'https://foo-example/cb', 'https://foo.example/.b'],
  },
  {
    id: 'RU-17[B]',
    says: 'letters that look alike',
    wrong: [
      'https://\uff56.example/cb', 'https://v\u3002example/cb', 'https://v\uff0eexample/cb',
      'https://v.example\uff0fcb', 'https://\u03bd.example/cb', 'https://v.ex\u0430mple/cb',
      'https://%76.example/cb', 'https://%ef%bd%96.example/cb', 'https://a@b@c@v.example/cb',
      'https://v.example/cb\u200b', '\ufeffhttps://v.example/cb', 'https://xn--v.example/cb',
    ],
  },
];

for (const { id, says, wrong, app = VO } of ROWS) {
  test(`${id} ${says}: page`, () => refuses(app, wrong));
}

test('RU-01[B] the log says which rule refused, for the operator alone', async () => {
  const path = oauthPath(VO, { redirect_uri: 'https://other.example/cb' });
  const lines = await linesOf(
    server, () => ask(live, path), (line) => line['refusal'] === 'redirect_uri_unusable',
  );
  assert.deepEqual(lines.map(({ rule }) => rule), ['authorize.redirect_uri']);
  const page = (await ask(live, path)).text;
  assert.ok(!page.includes('authorize.redirect_uri') && !page.includes(VO.redirect_uri));
});

test('RU-05[B] the exact query is extended by the code, with one question mark', async () => {
  const { url } = await alice.allow(with_query, { state: 's1' });
  assert.match(url, /^https:\/\/query\.example\/cb\?from=demo&code=[\w-]+&state=s1&iss=[^&?]+$/);
});

const SPLITTERS = [
  '\t', '\n', '\r', '\r\n', '\0', ' ', '%00', '%0a', '%0d%0a', '%0d%0aSet-Cookie:%20x=1',
  '\r\nSet-Cookie: x=1', '\r\n\r\n<script>', '\u007f', '\u0085', '\u2028',
];

test('RU-16[B] control characters, blanks and encoded line breaks split nothing', async () => {
  const namesAt = async (redirect_uri: string): Promise<string[]> => {
    const answer = await ask(live, oauthPath(VO, { redirect_uri }));
    assertWrongPage(answer, WRONG_SETUP, [redirect_uri, 'Set-Cookie', 'v.example']);
    return answer.raw_headers.map(([name]) => name.toLowerCase()).sort();
  };
  const normal = await namesAt('https://other.example/cb');
  for (const text of SPLITTERS) {
    for (const one of [
      `${VO.redirect_uri}${text}`, `${text}${VO.redirect_uri}`, `https://v.example${text}/cb`,
    ]) assert.deepEqual(await namesAt(one), normal, JSON.stringify(one));
  }
  await refuses(VO, SPLITTERS.slice(0, 7).map((text) => `${VO.redirect_uri}${text}`));
});

test('RU-17[B] bytes that are no UTF-8 are no address', async () => {
  for (const bytes of ['%ff', '%c3', '%ed%a0%80', '%c0%ae', '%', '%4', '%zz']) {
    const path = rawPath(VO, `redirect_uri=https%3A%2F%2Fv.example%2Fcb${bytes}`);
    await refusedOnPage(live, path, ['v.example']);
  }
});

test('RU-18[B] an address sent twice, good or bad, is our page', async () => {
  const good = `redirect_uri=${encodeURIComponent(VO.redirect_uri)}`;
  const bad = 'redirect_uri=https%3A%2F%2Fevil.test%2Fcb';
  const mixtures = [
    [good, bad], [bad, good], [good, good], [good, 'redirect_uri='], ['redirect_uri', good],
    [good, 'state=s1', good], [good, good.replace('_', '%5F')], [good, 'request=x', bad],
    // A fault that would be redirected does not come before it.
    ['response_type=token', good, bad], [bad, 'code_challenge=x', good],
  ];
  for (const mixture of mixtures) {
    const path = rawPath(VO, mixture.join('&'));
    for (const world of [live, paper]) await refusedOnPage(world, path, ['evil.test', 'v.example']);
  }
  await goesOn(live, rawPath(VO, good));
});

const UNREGISTRABLE = {
  'RU-03[B]': ['https://user@v.example/cb', 'https://@v.example/cb', 'https://a@b@v.example/cb'],
  'RU-06[B]': ['https://v.example/cb#x', 'https://v.example/cb#'],
  'RU-16[B]': ['\t', '\n', '\r\nSet-Cookie: x=1', '\0', ' ', '%00', '%0d%0a']
    .flatMap((text) => [`${VO.redirect_uri}${text}`, `https://v.example/${text}cb`]),
  'RU-17[B]': [
    'https://\uff56.example/cb', 'https://v\u3002example/cb', 'https://v.example/c\u00f6',
  ],
} as const;

for (const [id, callbacks] of Object.entries(UNREGISTRABLE)) {
  test(`${id} and no registration of this dialect takes it`, async () => {
    const before = await control.act('live', 'app.list', {});
    for (const redirect_uri of callbacks) {
      const redirect_uris = [redirect_uri];
      const create = { dialect: 'tradovate', name: 'Demo', scopes: ['Users:Read'], redirect_uris };
      const wrong = { ...DOTTED, id: '40012', redirect_uri };
      const refused = [
        await control.tryAct('live', 'app.create', create),
        await control.tryAct('live', 'app.change', { app: VO.id, redirect_uris }),
        await control.seed(tradovateSeed({ registrations: [wrong], api_keys: [], users: [] })),
      ];
      for (const { status, body } of refused) {
        assert.equal(status, 400, JSON.stringify(redirect_uri));
        assert.match(String(body['reason']), /callback 1 (?:holds|has|is|must|may)/);
      }
    }
    assert.deepEqual(await control.act('live', 'app.list', {}), before, 'nothing is stored');
    await goesOn(live, oauthPath(VO));
  });
}

test('the log of these rows holds no secret', () => assertLogHoldsNoSecret(server));
