/** Which callbacks may be registered. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CALLBACK_REGISTRATION_RULES, callbackFault,
} from '../../src/core/decide/manage/callback-rules.ts';
import { testRules } from './rule-cases.ts';

const HTTPS = 'https://app.example/cb';

/** Texts as their own names. */
function named(...uris: string[]): { readonly [says: string]: string } {
  return Object.fromEntries(uris.map((uri) => [JSON.stringify(uri), uri]));
}

testRules<string>({
  name: 'rules of registering a callback',
  table: CALLBACK_REGISTRATION_RULES,
  judge: (uri) => {
    const fault = callbackFault(uri);
    return fault === null ? null : { code: 'act_malformed', ...fault };
  },
  cases: {
    'callback.length': {
      passes: { '2000 characters': HTTPS.padEnd(2000, 'x') },
      refuses: { '2001 characters': HTTPS.padEnd(2001, 'x') },
    },
    'callback.ascii': {
      passes: named(HTTPS, 'https://xn--bcher-kva.example/cb'),
      refuses: named(
        '', ' ', `${HTTPS}\n`, ` ${HTTPS}`, `${HTTPS}\t`, 'https://app.example/c b',
        'https://bücher.example/', 'https://app。example/', 'https://app.example\0/',
        'ｈttps://app.example/',
      ),
    },
    'callback.characters': {
      passes: named('https://app.example/cb;a=1?b=(c),!~'),
      refuses: named(
        'https:\\\\app.example\\cb', 'https://app.example/cb\\..\\x', 'https://app.example/<x>',
        '^https://app.example/$', 'https://app.example/{id}', 'https://app.example/"x"',
      ),
    },
    'callback.wildcard': {
      passes: named('https://star.example/'),
      refuses: named('*', 'https://*.example/', 'https://app.example/*'),
    },
    'callback.active_scheme': {
      passes: named('com.example.app:/cb'),
      refuses: named(
        'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x',
        'blob:https://x/1', 'file:///etc/passwd', 'about:blank', 'view-source:https://x/',
      ),
    },
    'callback.absolute': {
      passes: named(HTTPS),
      refuses: named('/cb', 'app.example/cb', '//app.example/cb', ':/cb', '1http://x/'),
    },
    'callback.scheme_case': {
      passes: named(HTTPS),
      refuses: named('HTTPS://app.example/cb', 'Http://127.0.0.1/cb', 'com.Example.app:/cb'),
    },
    'callback.private_scheme': {
      passes: named('com.example.app:/cb', 'com.example.app://cb'),
      refuses: named('myapp:/cb', 'ftp://app.example/cb', 'ws://127.0.0.1/cb'),
    },
    'callback.private_path': {
      passes: named('com.example.app:/'),
      refuses: named('com.example.app:', 'com.example.app:cb'),
    },
    'callback.userinfo': {
      passes: named('https://app.example/@me'),
      refuses: named(
        'https://user@app.example/', 'https://app.example@evil.example/cb',
        'https://a@b@app.example/cb', 'https://:@app.example/',
      ),
    },
    'callback.host': {
      passes: named('https://a.example', 'https://a-b.example/', 'http://[::1]:50000/cb'),
      refuses: named(
        'https://', 'https:///cb', 'https:/app.example/cb', 'https:app.example',
        'https://APP.example/cb', 'https://app.example./cb', 'https://-app.example/',
        'https://app..example/', 'https://[::ffff:127.0.0.1]/cb', 'https://app_example/',
        'https://%61pp.example/', 'https://:443/cb',
      ),
    },
    'callback.port': {
      passes: named('https://app.example:8443/', 'http://127.0.0.1:65535/', 'http://[::1]:1/'),
      refuses: named(
        'https://app.example:/', 'https://app.example:0/', 'https://app.example:65536/',
        'https://app.example:99999/', 'https://app.example:080/', 'https://app.example:8a/',
        'https://app.example:80:80/',
      ),
    },
    'callback.http_loopback': {
      passes: named('http://127.0.0.1:8080/cb', 'http://[::1]/cb', 'http://localhost:3000/cb'),
      refuses: named(
        'http://app.example/cb', 'http://127.0.0.2/cb', 'http://0.0.0.0/cb', 'http://127.1/cb',
        'http://2130706433/cb', 'http://localhost.evil.example/cb',
      ),
    },
    'callback.fragment': {
      passes: named('https://app.example/%23x'),
      refuses: named('https://app.example/cb#x', 'https://app.example/cb#', 'https://a.example#/'),
    },
    'callback.escapes': {
      passes: named('https://app.example/a%20b%C3%A9'),
      refuses: named(
        'https://app.example/%', 'https://app.example/%2', 'https://app.example/%zz',
        'https://app.example/%00', 'https://app.example/%0d%0aSet-Cookie:x',
        'https://app.example/cb?a=%7f',
      ),
    },
    'callback.dot_segments': {
      passes: named('https://app.example/a.b/...', 'https://app.example/..a?x=../y'),
      refuses: named(
        'https://app.example/cb/../x', 'https://app.example/.', 'https://app.example/cb/%2e%2e/x',
        'https://app.example/cb/..%2fx', 'https://app.example/cb/.%2E/x', 'com.example.app:/../x',
      ),
    },
    'callback.answer_parameters': {
      passes: named(
        'https://app.example/cb?linked=1&env=live', 'https://app.example/cb?coded=1&x=code',
        'https://app.example/cb?',
      ),
      refuses: named(
        'https://app.example/cb?code=1', 'https://app.example/cb?a=1&state=', HTTPS + '?iss',
        HTTPS + '?%63ode=x', HTTPS + '?a&ERROR=x', HTTPS + '?response=x',
      ),
    },
  },
});

describe('registered callbacks', () => {
  it('behind an escaped escape are what the text says, nothing is decoded twice', () => {
    assert.equal(callbackFault('https://app.example/cb/%252e%252e/x'), null);
    assert.equal(callbackFault('https://app.example/%2500'), null);
  });

  it('are refused with a reason that repeats nothing of a hostile text', () => {
    for (const uri of ['https://"><script>.example/', 'https://a.example/\u202e', 'x y']) {
      assert.doesNotMatch(callbackFault(uri)?.reason ?? '', /script>|\u202e|x y/);
    }
  });
});
