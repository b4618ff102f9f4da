import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REFUSALS } from '../../src/core/rules/refusals.ts';
import type { Refusal, RefusalCode } from '../../src/core/rules/refusals.ts';
import type { WireResponse } from '../../src/core/wire.ts';
import { WORLD_NAMES } from '../../src/core/world.ts';
import { REFUSAL_WORDS } from '../../src/dialects/pages/refusal-words.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import { connectionsPage } from '../../src/dialects/pages/templates/connections-page.ts';
import { markupText } from '../../src/dialects/pages/html.ts';
import { elementsOf, formOutline, skeleton, textById } from './page-outline.ts';
import { ACCOUNTS, connectionsView, consentView, NIGHTJAR, ORCHARD, scopeViews, signInView }
  from './page-views.ts';

const OPTIONS = {
  secure_cookies: true,
  development: false,
  worlds: {
    live: { pages_origin: 'https://auth.broker.example' },
    paper: { pages_origin: 'https://paper-auth.broker.example' },
  },
};
const renderer = pageRenderer(OPTIONS);
const frame = {
  world: 'live', brand: 'Countersign', host: 'auth.broker.example', sessions_max: 2,
} as const;

function refusal(code: RefusalCode, more: Partial<Refusal> = {}): Refusal {
  return { code, rule: 'test', reason: 'PRIVATE-REASON', ...more };
}

function visible(page: WireResponse): string {
  return (elementsOf(page.body).find(({ tag }) => tag === 'body')?.text ?? '')
    .replace(/\s+/g, ' ');
}

function connections(
  change: Parameters<typeof connectionsView>[1] = {},
  token: string | null = null,
): string {
  return markupText(connectionsPage(frame, connectionsView('live', change), null, token));
}

describe('forms keep their ids and names', () => {
  it('sign-in within a flow', () => {
    assert.deepEqual(formOutline(renderer.signIn(signInView('live'), null).body, 'sign-in'), [
      'post /login',
      'input hidden csrf csrf-1',
      `input hidden client_id ${ORCHARD.id}`,
      'input hidden request cs_live_req_1',
      'input text name',
      'input password password',
      'button submit',
    ]);
  });

  it('plain sign-in', () => {
    const view = signInView('live', { app: null, request: null });
    assert.deepEqual(formOutline(renderer.signIn(view, null).body, 'sign-in'), [
      'post /login',
      'input hidden csrf csrf-1',
      'input text name',
      'input password password',
      'button submit',
    ]);
  });

  it('consent', () => {
    assert.deepEqual(formOutline(renderer.consent(consentView('paper')).body, 'consent'), [
      'post /consent',
      'input hidden csrf csrf-2',
      `input hidden client_id ${ORCHARD.id}`,
      'input hidden request cs_paper_req_1',
      'button submit decision deny',
      'button submit decision allow',
    ]);
  });

  it('connections: one app, all apps, personal token, sign out', () => {
    const page = connections();
    assert.deepEqual(formOutline(page, `end-${NIGHTJAR.id}`), [
      'post /connections/end', 'input hidden csrf csrf-3', `input hidden app ${NIGHTJAR.id}`,
      'button submit',
    ]);
    assert.deepEqual(formOutline(page, 'end-all'), [
      'post /connections/end-all', 'input hidden csrf csrf-3', 'button submit',
    ]);
    assert.deepEqual(formOutline(page, 'personal-token'), [
      'post /connections/personal-token', 'input hidden csrf csrf-3',
      'button submit change replace', 'button submit change delete',
    ]);
    assert.deepEqual(formOutline(page, 'sign-out'), [
      'post /logout', 'input hidden csrf csrf-3', 'button submit',
    ]);
  });

  it('connections without apps and token offer nothing to end', () => {
    const page = connections({ connections: [], personal_token: null });
    assert.deepEqual(formOutline(page, 'end-all'), []);
    assert.deepEqual(formOutline(page, 'personal-token').slice(2),
      ['button submit change replace']);
    assert.equal(textById(page, 'personal-token-value'), undefined);
  });

  it('shows the new personal token in its output element', () => {
    assert.equal(textById(connections({}, 'cs_live_pt_1'), 'personal-token-value'), 'cs_live_pt_1');
  });
});

describe('consent', () => {
  it('CO-06 shows app, publisher, return host, scopes in words, accounts, world, time', () => {
    const text = visible(renderer.consent(consentView('live')));
    for (const part of [
      'Allow Orchard Portfolio to use your live accounts?', 'LIVE', 'Verified publisher',
      'www.orchard.example', 'app.orchard.example', 'Alice Moreau', 'Until you end it',
      'It can trade for you', '6YA00001', 'Individual, margin', 'Roth IRA, cash',
      ...scopeViews().map(({ says }) => says),
    ]) assert.ok(text.includes(part), part);
  });

  it('CO-06 says when access ends at the latest, also among the connections', () => {
    const consent = visible(renderer.consent(consentView('live', { grant_lifetime_s: 7_776_000 })));
    assert.ok(consent.includes('Until you end it, at most 90 days. The app can stay connected'));
    const found = /Until you end it, at most until <time datetime="[^"]+">[^<]+ UTC<\/time>/;
    assert.match(connections(), found);
  });

  it('CO-06 says so when the publisher is not verified and access ends by itself', () => {
    const view = consentView('live', {
      app: NIGHTJAR, scopes: scopeViews('read'), stays_connected: false,
    });
    const text = visible(renderer.consent(view));
    assert.ok(text.includes('Publisher not verified by us'));
    assert.ok(text.includes('24 hours. After that the app has to ask you again.'));
    assert.ok(!text.includes('trade for you'));
  });

  it('EI-05 every page says its world in the banner, a badge and the title', () => {
    for (const world of WORLD_NAMES) {
      const other = world === 'live' ? 'PAPER' : 'LIVE';
      const badge = world.toUpperCase();
      for (const page of [
        renderer.signIn(signInView(world), null),
        renderer.consent(consentView(world)),
        renderer.error({ world, status: 400, refusal: null, request_id: 'r-1' }),
      ]) {
        const all = elementsOf(page.body);
        const badges = all.filter(({ attributes }) => attributes['class'] === 'badge');
        assert.deepEqual(badges.map(({ text }) => text), [badge, badge]);
        assert.ok(all.find(({ tag }) => tag === 'title')?.text.includes(` ${badge} `));
        assert.equal(all.find(({ tag }) => tag === 'html')?.attributes['data-world'], world);
        assert.ok(!visible(page).includes(other));
      }
    }
  });

  it('never says that practice orders use her money', () => {
    const text = visible(renderer.consent(consentView('paper')));
    assert.ok(text.includes('practice orders'));
    assert.ok(!text.includes('orders with your money'));
  });
});

describe('values never become markup', () => {
  const hostile = '"><script>alert(1)</script>\u202e<img src=x onerror=alert(1)>';

  it('XS-01 XS-02 P-09 every text of every view', () => {
    const app = { ...NIGHTJAR, name: hostile, home_page: `https://evil.test/${hostile}` };
    const account = {
      ...ACCOUNTS.live[0]!, number: hostile, type: hostile, classification: hostile,
    };
    const scopes = [{ word: hostile, says: hostile }];
    const request = { csrf: hostile, request: hostile };
    const plain = { csrf: 'x', request: 'x' };
    const kept = { ...NIGHTJAR, home_page: 'https://evil.test/' };
    const consent = { scopes, accounts: [account], customer_name: hostile, redirect_host: hostile };
    const word = [{ word: 'x', says: 'x' }];
    const pairs: [string, string][] = [
      [
        renderer.signIn(signInView('live', { app, name: hostile, ...request }), null).body,
        renderer.signIn(signInView('live', { app: kept, ...plain }), null).body,
      ],
      [
        renderer.consent(consentView('live', { app, ...consent, ...request })).body,
        renderer.consent(consentView('live', {
          app: kept, ...plain, scopes: word, accounts: [ACCOUNTS.live[0]!],
        })).body,
      ],
      [
        renderer.error({ world: 'live', status: 400, refusal: null, request_id: hostile }).body,
        renderer.error({ world: 'live', status: 400, refusal: null, request_id: 'r' }).body,
      ],
    ];
    const row = connectionsView('live').connections[1]!;
    pairs.push([
      connections({ connections: [{ ...row, app: { ...app, id: hostile }, scopes }],
        accounts: [account], customer_name: hostile, csrf: hostile }, hostile),
      connections({ connections: [{ ...row, app: kept, scopes: word }],
        accounts: [ACCOUNTS.live[0]!] }, 'x'),
    ]);
    for (const [attacked, harmless] of pairs) {
      assert.equal(skeleton(attacked), skeleton(harmless));
      assert.ok(!attacked.includes('\u202e'));
    }
  });
});

describe('error pages', () => {
  for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
    it(`${code} says what happened and what to do, and no private reason`, () => {
      const { status, title, says, then } = REFUSAL_WORDS[code];
      const page = renderer.error({
        world: 'live', status, refusal: refusal(code, { parameter: 'PARAMETER' }),
        request_id: 'r-42',
      });
      const text = visible(page);
      assert.equal(page.status, status);
      assert.ok(status >= 400 && status < 600);
      for (const words of [title, says, then, 'r-42']) assert.ok(text.includes(words), words);
      assert.ok(!text.includes('PRIVATE-REASON') && !text.includes('PARAMETER'));
      assert.ok(!page.headers.some(([name]) => name === 'Location'));
    });
  }

  it('sends Retry-After with what may be tried again', () => {
    const page = renderer.error({
      world: 'live', status: 503, refusal: refusal('overloaded', { retry_after_s: 2.2 }),
      request_id: 'r-1',
    });
    assert.deepEqual(page.headers.find(([name]) => name === 'Retry-After'), ['Retry-After', '3']);
  });
});

describe('refused sign-in', () => {
  it('EN-01 is the form again with the same words whoever was meant', () => {
    const unknown = renderer.signIn(signInView('live', { name: 'nobody' }),
      refusal('sign_in_failed'));
    const known = renderer.signIn(signInView('live', { name: 'alice-' }),
      refusal('sign_in_failed', { reason: 'wrong password' }));
    assert.equal(unknown.status, 422);
    assert.deepEqual(unknown.headers, known.headers);
    assert.equal(unknown.body.replace('nobody', ''), known.body.replace('alice-', ''));
    assert.match(textById(unknown.body, 'sign-in-refused') ?? '', /^Name or password is not /);
  });

  it('answers a limit with 429, Retry-After and the time to wait', () => {
    const page = renderer.signIn(signInView('live'),
      refusal('sign_in_limited', { retry_after_s: 840 }));
    assert.equal(page.status, 429);
    assert.deepEqual(page.headers.find(([name]) => name === 'Retry-After'), ['Retry-After', '840']);
    assert.match(textById(page.body, 'sign-in-refused') ?? '', /again in 14 minutes\.$/);
  });
});

describe('development', () => {
  it('shows the demo customers on the sign-in page only when it is on', () => {
    const strip = 'Development server: demo customers alice and bob';
    const development = pageRenderer({ ...OPTIONS, development: true });
    assert.ok(visible(development.signIn(signInView('live'), null)).includes(strip));
    assert.ok(!visible(renderer.signIn(signInView('live'), null)).includes('Development'));
  });
});
