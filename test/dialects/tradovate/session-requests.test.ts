/** How a sign-in and calls with a token are read (contract §6–§8, §10). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Commands } from '../../../src/core/commands.ts';
import type { Sent } from '../page-requests.ts';
import {
  ALICE, SESSION, type Scripted, exchange, json, ok, post, refusal,
} from './exchange.ts';

const PATH = '/auth/accesstokenrequest';
const MEMBERS = {
  name: 'alice', password: 'demo-password', appId: 'AutoTrade', appVersion: '1.0',
  deviceId: 'demo-device', cid: 8, sec: 'demo-sec',
};

async function readBy(sent: Sent): Promise<Commands['open_session']> {
  const { command, response } = await exchange(sent, { result: ok(SESSION) });
  assert.ok(command !== null && 'body_text' in command, response.body);
  return command;
}

describe('accesstokenrequest', () => {
  test('every member arrives; the body text leaves out what may be corrected', async () => {
    const sent = { ...MEMBERS, hibpCheck: true, 'p-ticket': 'T', chl: '123', enc: true };
    const { profile, ...command } = await readBy(json(PATH, sent));
    assert.equal(profile.sessions?.live_max, 2);
    assert.deepEqual(command, {
      key: { id: '8', secret: 'demo-sec' }, app_name: 'AutoTrade', app_version: '1.0',
      device: 'demo-device', name: 'alice', password: 'demo-password', password_encoded: true,
      breach_check: true, challenge: '123', ticket: 'T',
      body_text: '{"appId":"AutoTrade","appVersion":"1.0","chl":"123","cid":8,' +
        '"deviceId":"demo-device","enc":true,"hibpCheck":true,"name":"alice"}',
    });
  });

  test('only a name and a password: the rest is absent', async () => {
    const empty = { appId: '', appVersion: '', deviceId: '', sec: '', 'p-ticket': '', chl: '' };
    for (const more of [{}, empty, { cid: 0 }, { cid: '0', sec: 'x' }, { cid: '' }]) {
      const { profile: _, body_text: __, ...command } = await readBy(
        json(PATH, { name: 'alice', password: 'p', ...more }));
      assert.deepEqual(command, {
        key: null, app_name: null, app_version: null, device: null, name: 'alice', password: 'p',
        password_encoded: false, breach_check: false, challenge: null, ticket: null,
      });
    }
    const { name, password } = await readBy(json(PATH, { cid: 8, name: '', password: '' }));
    assert.deepEqual([name, password], [null, null]);
  });

  test('a key id is a number or digits, and both are the same key', async () => {
    for (const cid of [8, '8', 8.0]) {
      assert.deepEqual((await readBy(json(PATH, { ...MEMBERS, cid }))).key,
        { id: '8', secret: 'demo-sec' });
    }
    assert.deepEqual((await readBy(json(PATH, { cid: 8 }))).key, { id: '8', secret: '' });
  });

  test('any letter case, with and without a version, and without a type', async () => {
    const text = JSON.stringify(MEMBERS);
    for (const path of ['/v1/auth/accessTokenRequest', '/AUTH/ACCESSTOKENREQUEST', PATH]) {
      assert.equal((await readBy(post(path, text))).name, 'alice');
    }
    const headers = { authorization: 'Bearer junk' };
    assert.equal((await readBy(json(PATH, MEMBERS, headers))).name, 'alice');
  });

  test('equal bodies have equal texts, whatever their order and spelling', async () => {
    const [a, b, c] = await Promise.all([
      '{"name":"a","x":{"b":[1,{"d":1,"c":"\\u00e9"}],"a":null},"password":"1"}',
      ' { "password" : "2", "p-ticket" : "t",' +
        ' "x" : {"a":null,"b":[1.0,{"c":"é","d":1}]},"name":"a"}',
      '{"name":"a","x":{"b":[1,{"d":1,"c":"e"}],"a":null},"password":"1"}',
    ].map((body) => readBy(json(PATH, body))));
    assert.equal(a?.body_text, '{"name":"a","x":{"a":null,"b":[1,{"c":"é","d":1}]}}');
    assert.equal(b?.body_text, a.body_text);
    assert.notEqual(c?.body_text, a.body_text);
    const body = '{"x":{"password":"kept","sec":1},"__proto__":{"p":1}}';
    const nested = await readBy(json(PATH, body));
    assert.equal(nested.body_text, '{"__proto__":{"p":1},"x":{"password":"kept","sec":1}}');
  });

  test('what is malformed is 400 and names its field', async () => {
    const refused = async (sent: Sent, field: string, scripted: Scripted = {}) => {
      const { command, response } = await exchange(sent, scripted);
      assert.equal(command, null, sent.body);
      assert.equal(`${response.status} ${response.body}`, `400 {"errorText":"${field}"}`);
    };
    for (const name of ['name', 'password', 'appId', 'appVersion', 'deviceId', 'sec', 'p-ticket',
      'chl']) {
      for (const value of [1, null, true, [], {}]) {
        await refused(json(PATH, { ...MEMBERS, [name]: value }), name);
      }
      await refused(json(PATH, { ...MEMBERS, [name]: 'x'.repeat(8193) }), name);
    }
    for (const name of ['hibpCheck', 'enc']) {
      for (const value of ['true', 1, null]) {
        await refused(json(PATH, { ...MEMBERS, [name]: value }), name);
      }
    }
    for (const value of [null, true, [8], 1.5]) {
      await refused(json(PATH, { ...MEMBERS, cid: value }), 'cid');
    }
    await refused(json(PATH, { ...MEMBERS, deviceId: 'x'.repeat(65) }), 'deviceId');
    await refused(json(PATH, { ...MEMBERS, name: 'x'.repeat(65) }), 'name');
    await refused(json(PATH, { ...MEMBERS, name: `${'x'.repeat(250)}@a.de` }), 'name');
    await readBy(json(PATH, { ...MEMBERS, name: `${'x'.repeat(70)}@a.de` }));
    await refused(json(PATH, '{"name":"a","name":"a"}'), 'name');
    for (const body of ['', '[]', '"x"', 'name=alice&password=p']) {
      await refused(json(PATH, body), 'body');
      await refused(post(PATH, body), 'body');
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await refused(post(PATH, 'name=alice&password=p', form), 'Content-Type');
    const strangers = { organization: 1, environment: [], 'p-captcha': {}, unknown: null };
    await readBy(json(PATH, { ...MEMBERS, ...strangers }));
  });

  test('a path that is not served while no key exists is 404 and empty', async () => {
    const { response } = await exchange(json(PATH, MEMBERS), { result: refusal('path_unknown') });
    assert.equal(`${response.status} ${response.body}`, '404 ');
  });
});

describe('a call with a token', () => {
  const check = async (sent: Sent, scripted: Scripted = {}): Promise<Commands['renew_token']> => {
    const { command } = await exchange(sent, { result: ok(SESSION), ...scripted });
    assert.ok(command !== null && 'penalized' in command);
    return command;
  };

  test('the token comes from the header alone, and once', async () => {
    const path = '/auth/renewaccesstoken';
    const headers = { authorization: 'bEaReR eyJ.a-b_c~d' };
    for (const method of ['GET', 'POST']) {
      const { bearer, penalized, scopes, ticket } = await check({ method, path, headers });
      assert.deepEqual([bearer, penalized, scopes, ticket], ['eyJ.a-b_c~d', true, [], null]);
    }
    assert.equal((await check({ path, headers }, { twice: ['authorization'] })).bearer, null);
    for (const sent of [{ query: 'access_token=abc' }, { headers: { authorization: 'Basic abc' } },
      { headers: { cookie: 'access_token=abc' } }, { method: 'POST', body: 'access_token=abc' }]) {
      assert.equal((await check({ path, ...sent })).bearer, null);
    }
  });

  test('a ticket may stand in the query', async () => {
    for (const path of ['/auth/me', '/auth/renewaccesstoken']) {
      const result = ok(path === '/auth/me' ? ALICE : SESSION);
      const ticket = async (query: string) => (await check({ path, query }, { result })).ticket;
      assert.equal(await ticket('p-ticket=T%20x&a=b'), 'T x');
      for (const query of ['', 'p-ticket=', 'p-ticket=a&p-ticket=b', 'p-ticket=%ff']) {
        assert.equal(await ticket(query), null);
      }
    }
  });
});
