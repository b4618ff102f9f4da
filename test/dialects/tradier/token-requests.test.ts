/** How a token request is read (contract §5.1): what reaches the core, and what never does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Commands } from '../../../src/core/commands.ts';
import type { Sent } from '../page-requests.ts';
import { type Exchange, FORM, exchange, refusal, tokenRequest } from './exchange.ts';

const A1 = { id: 'A1', secret: 'secret-of-a1' };
const BASIC = `Basic ${Buffer.from(`${A1.id}:${A1.secret}`).toString('base64')}`;
const result = refusal('code_unknown');
const CODE = 'grant_type=authorization_code&code=C';

async function readBy(sent: Sent): Promise<Commands['token']> {
  const { command } = await exchange(sent, { result });
  assert.ok(command !== null && 'grant_type' in command, 'it reaches the core');
  return command;
}

/** E2, named, and the core has not seen it. */
async function refusedFor(sent: Sent, parameter: string): Promise<Exchange> {
  const answer = await exchange(sent, { result });
  assert.equal(answer.command, null, 'it does not reach the core');
  assert.equal(answer.response.status, 400);
  assert.ok(answer.response.body.includes(`"error":"invalid_request"`));
  assert.ok(answer.response.body.includes(`malformed: ${parameter}."`), answer.response.body);
  return answer;
}

describe('credentials', () => {
  test('Basic, the body, or both when they are equal', async () => {
    const body = `${CODE}&client_id=A1&client_secret=secret-of-a1`;
    for (const sent of [
      tokenRequest(CODE, { authorization: BASIC }),
      tokenRequest(body),
      tokenRequest(body, { authorization: BASIC }),
      tokenRequest(CODE, { authorization: BASIC.slice('Basic '.length) }),
      tokenRequest(body, { authorization: 'Bearer x' }),
      tokenRequest(`${CODE}&client_secret=secret-of-a1`, { authorization: BASIC }),
    ]) {
      const command = await readBy(sent);
      assert.deepEqual(command.client, A1);
      assert.equal(command.client_id_hint, null);
    }
  });

  test('parts of Basic that are form-encoded are decoded', async () => {
    const encoded = Buffer.from('A%31:secret%2Dof+a1').toString('base64');
    const command = await readBy(tokenRequest(CODE, { authorization: `Basic ${encoded}` }));
    assert.deepEqual(command.client, { id: 'A1', secret: 'secret-of a1' });
    const both = `${CODE}&client_id=A1&client_secret=secret-of+a1`;
    const equal = await readBy(tokenRequest(both, { authorization: `Basic ${encoded}` }));
    assert.deepEqual(equal.client, { id: 'A1', secret: 'secret-of a1' });
  });

  test('client_id alone beside Basic is a hint for the core, equal or not', async () => {
    const other = await readBy(tokenRequest(`${CODE}&client_id=B`, { authorization: BASIC }));
    assert.deepEqual([other.client, other.client_id_hint], [A1, 'B']);
    const same = await readBy(tokenRequest(`${CODE}&client_id=A1`, { authorization: BASIC }));
    assert.deepEqual([same.client, same.client_id_hint], [A1, 'A1']);
  });

  test('none, half, malformed or another scheme: the core sees no client', async () => {
    for (const sent of [
      tokenRequest(CODE),
      tokenRequest(`${CODE}&client_id=A1`),
      tokenRequest(`${CODE}&client_secret=x`),
      tokenRequest(`${CODE}&client_id=A1&client_secret=`),
      tokenRequest(CODE, { authorization: 'Bearer x' }),
      tokenRequest(CODE, { authorization: 'Basic !!!' }),
      tokenRequest(`${CODE}&client_id=A1&client_secret=x`, { authorization: 'Basic !!!' }),
    ]) assert.equal((await readBy(sent)).client, null);
  });

  test('two credentials that differ are E2', async () => {
    for (const pair of ['client_id=A1&client_secret=other', 'client_secret=other',
      'client_id=B&client_secret=secret-of-a1']) {
      const sent = tokenRequest(`${CODE}&${pair}`, { authorization: BASIC });
      const { response } = await refusedFor(sent, 'client_secret');
      assert.equal(response.log?.refusal, 'credentials_conflict');
    }
  });
});

describe('what makes a request unreadable', () => {
  test('a secret in the query, even an empty or broken one, is handed on as leaked', async () => {
    for (const name of ['code', 'refresh_token', 'client_secret', 'code_verifier']) {
      for (const query of [`${name}=x`, `${name}=`, `${name}=%zz`, `a=b&${name}=1&${name}=2`]) {
        const sent = { ...tokenRequest(CODE, { authorization: BASIC }), query };
        const { leaked, client, code, grant_type } = await readBy(sent);
        const value = query.endsWith('=x') ? 'x' : '';
        assert.deepEqual(leaked, { parameter: name, value, client_id: 'A1' }, query);
        assert.deepEqual([client, code, grant_type], [null, null, null], 'nothing else is read');
      }
    }
    assert.equal((await readBy({ ...tokenRequest(CODE), query: 'state=x' })).leaked, undefined);
  });

  test('a parameter in the body and in the query', async () => {
    const sent = { ...tokenRequest(CODE), query: 'grant_type=authorization_code' };
    await refusedFor(sent, 'grant_type');
    const unlisted = { ...tokenRequest(`${CODE}&a=1`), query: 'a=1&client_id=A1' };
    assert.equal((await readBy(unlisted)).client, null);
  });

  test('any listed parameter twice, also when both are equal', async () => {
    for (const name of ['grant_type', 'code', 'refresh_token', 'client_id', 'client_secret',
      'redirect_uri', 'code_verifier', 'scope']) {
      await refusedFor(tokenRequest(`${name}=a&x=1&${name}=a`), name);
      await refusedFor(tokenRequest(`${name}=%ff`), name);
    }
    assert.equal((await readBy(tokenRequest(`${CODE}&x=1&x=2`))).code, 'C');
  });

  test('more than 100 parameters, or a field over 8192 characters', async () => {
    await refusedFor(tokenRequest(`${'a=1&'.repeat(100)}${CODE}`), 'form');
    await refusedFor(tokenRequest(`code=${'x'.repeat(8193)}`), 'code');
  });

  test('another content type, or none', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', '',
      'application/x-www-form-urlencodedx', `x${FORM}`]) {
      await refusedFor(tokenRequest(CODE, { 'content-type': type }), 'Content-Type');
    }
    await refusedFor({ method: 'POST', path: '/v1/oauth/accesstoken', body: CODE }, 'Content-Type');
  });

  test('a form type may carry parameters and any letter case', async () => {
    for (const type of [`${FORM}; charset=ISO-8859-1`, `${FORM};charset=UTF-8`,
      FORM.toUpperCase(), `${FORM} ; x=y`]) {
      assert.equal((await readBy(tokenRequest(CODE, { 'content-type': type }))).code, 'C');
    }
  });
});

describe('parameters', () => {
  test('any order, unknown names, and a polluted redirect_uri', async () => {
    const redirect = encodeURIComponent('https://app.example/cb?code=C&state=s1');
    const command = await readBy(tokenRequest(
      `foo=1&a[]=2&code=C&redirect_uri=${redirect}&grant_type=authorization_code`,
      { authorization: BASIC },
    ));
    assert.equal(command.code, 'C');
    assert.equal(command.redirect_uri, 'https://app.example/cb?code=C&state=s1');
    assert.equal(command.grant_type, 'authorization_code');
    assert.equal(command.profile.dialect, 'tradier');
  });

  test('an empty parameter counts as absent', async () => {
    const command = await readBy(tokenRequest(
      'grant_type=&code=&refresh_token=&code_verifier=&scope=&redirect_uri=&client_id=',
    ));
    const { grant_type, code, refresh_token, code_verifier, scope, redirect_uri } = command;
    assert.deepEqual([grant_type, code, refresh_token, code_verifier, scope, redirect_uri],
      [null, null, null, null, null, null]);
  });

  test('P-02 scopes: words with commas, blanks or both come back as the words', async () => {
    const scopes = { 'read,write': ['read', 'write'], 'read, write': ['read', 'write'],
      'read%2Cwrite': ['read', 'write'], 'read+write': ['read', 'write'],
      ',,read,,write,': ['read', 'write'], 'read%09%0Awrite': ['read', 'write'],
      'read,READ,read': ['read', 'READ', 'read'], ',': null, '+,+': null };
    for (const [scope, words] of Object.entries(scopes)) {
      assert.deepEqual((await readBy(tokenRequest(`scope=${scope}`))).scope, words, scope);
    }
    assert.equal((await readBy(tokenRequest('scope='))).scope, null);
  });
});
