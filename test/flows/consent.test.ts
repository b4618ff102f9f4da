/** Consent through the real flow: one browser, one answer, kept for a double click. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALLBACK } from '../core/facts.ts';
import {
  act, answer, codeOf, exchange, openBrowser, openRequest, signedInBrowser, valueOf,
} from './browser.ts';
import { type House, appWithSecret, customerWithPassword, openHouse } from './house.ts';

const APP = appWithSecret();
const ALICE = customerWithPassword();
const OTHER = 'https://app.example/other';

function locationOf(answered: Awaited<ReturnType<typeof answer>>): string {
  const value = valueOf(answered);
  return value.is === 'answered' ? value.location : value.is;
}

async function codesIn(house: House): Promise<number> {
  const query = { prefix: '', after: null, limit: 1000 };
  return (await house.store.list('code', query)).records.length;
}

describe('a yes', () => {
  it('sent 16 times at once gives one code and one location', async () => {
    const house = await openHouse();
    const browser = await signedInBrowser(house, ALICE);
    const request = await openRequest(house, browser, { state: 'a b' });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => answer(house, browser, { request, decision: 'allow' })),
    );
    const locations = new Set(answers.map(locationOf));
    assert.equal(locations.size, 1);
    const [location = ''] = locations;
    assert.match(location, /^https:\/\/app\.example\/cb\?code=[^&]+&state=a%20b&iss=/);
    assert.equal(await codesIn(house), 1);
  });

  it('is repeated to its browser for 60 seconds, then the flow is finished', async () => {
    const house = await openHouse();
    const browser = await signedInBrowser(house, ALICE);
    const request = await openRequest(house, browser, {});
    const first = locationOf(await answer(house, browser, { request, decision: 'allow' }));
    house.clock.ms += 59_999;
    const again = await answer(house, browser, { request, decision: 'deny' });
    assert.equal(locationOf(again), first);
    house.clock.ms += 1;
    const late = await answer(house, browser, { request, decision: 'allow' });
    assert.equal(codeOf(late), 'request_finished');
    assert.equal(await codesIn(house), 1);
  });

  it('that met a conflict answers with the code that was written', async () => {
    const house = await openHouse();
    const browser = await signedInBrowser(house, ALICE);
    const request = await openRequest(house, browser, {});
    let conflicts = 2;
    house.store.on_commit = (batch, commit) => (conflicts-- > 0
      ? Promise.resolve(batch.atoms.map(() => 'conflict' as const))
      : commit(batch));
    const location = locationOf(await answer(house, browser, { request, decision: 'allow' }));
    const code = new URL(location).searchParams.get('code');
    assert.equal(codeOf(await exchange(house, APP, { code })), 'ok');
    assert.equal(await codesIn(house), 1);
  });

  it('after an end of the app, its callback or her standing issues nothing', async () => {
    const ends: readonly [string, { readonly [name: string]: unknown }, string][] = [
      ['app.disable', { app: APP.id }, 'client_unknown'],
      ['app.change', { app: APP.id, redirect_uris: [OTHER] }, 'redirect_uri_unusable'],
      ['customer.set-status', { customer: ALICE.id, status: 'locked' }, 'sign_in_again'],
    ];
    for (const [name, args, expected] of ends) {
      const house = await openHouse();
      const browser = await signedInBrowser(house, ALICE);
      const request = await openRequest(house, browser, {});
      valueOf(await act(house, name, args));
      const answered = await answer(house, browser, { request, decision: 'allow' });
      assert.equal(answered.ok ? locationOf(answered) : answered.refusal.code, expected);
      assert.equal(await codesIn(house), 0);
    }
  });
});

describe('a no', () => {
  it('sends the customer back without a code, and stays a no', async () => {
    const house = await openHouse();
    const browser = await signedInBrowser(house, ALICE);
    const request = await openRequest(house, browser, { state: '' });
    const location = locationOf(await answer(house, browser, { request, decision: 'deny' }));
    assert.ok(location.startsWith(`${CALLBACK}?error=access_denied&state=&iss=`));
    const again = await answer(house, browser, { request, decision: 'allow' });
    assert.equal(locationOf(again), location);
    assert.equal(await codesIn(house), 0);
  });
});

describe('an authorization request', () => {
  it('belongs to the first of two browsers that open it at once', async () => {
    const house = await openHouse();
    const asked = valueOf(await house.send('authorize', {
      profile: house.profile, own_browser: false, flow_cookie: null,
      parameters: {
        client_id: APP.id, redirect_uri: null, response_type: null, scope: null, state: null,
        code_challenge: null, code_challenge_method: null, resource: null, nonce: null,
        malformed: [],
      },
    }));
    const browsers = await Promise.all(Array.from({ length: 8 }, () => openBrowser(house)));
    const steps = await Promise.all(browsers.map((flow_cookie) => house.send('open_request', {
      flow_cookie, login_cookie: null, dialect: house.profile.dialect, request: asked.request,
      client_id: null, returned: true,
    })));
    const codes = steps.map(codeOf);
    assert.equal(codes.filter((code) => code === 'ok').length, 1);
    assert.equal(codes.filter((code) => code === 'request_foreign').length, 7);
  });

  it('is claimed by no browser that does not bring our cookie', async () => {
    const house = await openHouse();
    const browser = await signedInBrowser(house, ALICE);
    const asked = valueOf(await house.send('authorize', {
      profile: house.profile, own_browser: false, flow_cookie: null,
      parameters: {
        client_id: APP.id, redirect_uri: null, response_type: null, scope: null, state: null,
        code_challenge: null, code_challenge_method: null, resource: null, nonce: null,
        malformed: [],
      },
    }));
    const { dialect } = house.profile;
    const preview = { dialect, request: asked.request, client_id: null, returned: false };
    const nothing = { flow_cookie: null, login_cookie: null };
    const step = valueOf(await house.send('open_request', { ...preview, ...nothing }));
    assert.equal(step.is, 'set_browser');
    const hers = valueOf(await house.send('open_request', { ...preview, ...browser }));
    assert.equal(hers.is, 'consent');
  });
});
