import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WEAKENED, bootFaults, dangers } from '../../src/config/boot-checks.ts';
import type { BootFacts } from '../../src/config/boot-checks.ts';
import { loadSettings } from '../../src/config/load.ts';
import { configJsonSchema, effectiveSettings } from '../../src/config/publish.ts';
import { SETTING_KEYS } from '../../src/config/settings.ts';
import type { Settings } from '../../src/config/settings.ts';

const PRESETS = loadSettings({ file: null, environment: {}, set: [] });

const PRODUCTION: Settings = {
  ...PRESETS,
  'live.issuer': 'https://live.as.example',
  'live.pages_origin': 'https://auth.broker.example',
  'paper.issuer': 'https://paper.as.example',
  'paper.pages_origin': 'https://paper-auth.broker.example',
  'tradier.hosts': {
    live: { api: ['api.broker.example'], pages: ['auth.broker.example'] },
    paper: { api: ['sandbox.broker.example'], pages: ['paper-auth.broker.example'] },
  },
};

const faults = (changes: Partial<Settings>, facts: Partial<BootFacts> = {}): readonly string[] =>
  bootFaults({
    mode: 'serve',
    settings: { ...PRODUCTION, ...changes },
    development_switches: [],
    holds_demo_data: false,
    ...facts,
  });

const hosts = (live: readonly [string, string], paper: readonly [string, string]) => ({
  'tradier.hosts': {
    live: { api: [live[0]], pages: [live[1]] }, paper: { api: [paper[0]], pages: [paper[1]] },
  },
});

const SECOND = { api: ['trade.broker.example'], pages: ['trader.broker.example'] };
type Hosts = NonNullable<Settings['tradovate.hosts']['live']>;
const second = (live: Hosts): Partial<Settings> => ({ 'tradovate.hosts': { live } });

describe('serve', () => {
  test('a sound configuration starts', () => assert.deepEqual(faults({}), []));

  const LIVE = ['api.broker.example', 'auth.broker.example'] as const;
  const PAPER = ['sandbox.broker.example', 'paper-auth.broker.example'] as const;

  const refused: { readonly [name: string]: readonly [Partial<Settings>, RegExp] } = {
    'no issuer': [{ 'live.issuer': '' }, /live\.issuer is missing/],
    'an http issuer': [{ 'live.issuer': 'http://live.as.example' }, /live\.issuer is not an https/],
    'an issuer with a query':
      [{ 'paper.issuer': 'https://paper.as.example?x' }, /paper\.issuer has a query/],
    'pages with a path': [{ 'live.pages_origin': 'https://auth.broker.example/x' },
      /live\.pages_origin is more than an origin: write https:\/\/auth\.broker\.example /],
    'no hosts':
      [{ 'tradier.hosts': {} }, /tradier\.hosts\.live or tradovate\.hosts\.live is missing/],
    'no api host':
      [{ 'tradier.hosts': { ...PRODUCTION['tradier.hosts'], live: { api: [], pages: [LIVE[1]] } } },
        /tradier\.hosts\.live\.api is empty/],
    'no api host of a second dialect':
      [second({ api: [], pages: [LIVE[1]] }), /tradovate\.hosts\.live\.api is empty/],
    'a host of streams with a scheme':
      [second({ ...SECOND, market_data: ['wss://md.broker.example'] }),
        /tradovate\.hosts\.live\.market_data: wss:\/\/md\.broker\.example is not host/],
    'one authority of streams for both worlds':
      [second({ ...SECOND, replay: ['sandbox.broker.example'] }),
        /authority sandbox\.broker\.example is listed/],
    'pages that no host of either dialect serves':
      [{ ...second(SECOND), 'tradier.hosts': {} },
        /tradovate\.hosts\.live\.pages lacks auth\.broker\.example/],
    'a host with a scheme':
      [hosts(['https://api.broker.example', LIVE[1]], PAPER), /leave out scheme/],
    'pages that no host serves':
      [hosts([LIVE[0], 'other.example'], PAPER), /live\.pages lacks auth\.broker\.example/],
    'memory for a store': [{ store: 'memory' }, /store: memory/],
    'commits that may be lost':
      [{ danger_sqlite_synchronous: 'NORMAL' }, /danger_sqlite_synchronous/],
    'limits off': [{ 'tradier.danger_limits_off': true }, /tradier\.danger_limits_off/],
    'limits of the second dialect off':
      [{ 'tradovate.danger_limits_off': true }, /tradovate\.danger_limits_off/],
    'sign-in without an API key':
      [{ 'tradovate.danger_keyless_login': true }, /tradovate\.danger_keyless_login/],
    'one issuer for both worlds':
      [{ 'paper.issuer': 'https://LIVE.as.example/' }, /issuer are equal/],
    'one page origin for both worlds':
      [{ 'paper.pages_origin': 'https://auth.broker.example' }, /pages_origin are equal/],
    'one key file for both worlds':
      [{ 'live.master_key_file': '/k', 'paper.master_key_file': '/k' }, /key_file are equal/],
    'one authority for both worlds':
      [hosts(LIVE, ['API.broker.example', PAPER[1]]), /authority api\.broker\.example is listed/],
    'one host name with two ports': [hosts(LIVE, ['api.broker.example:8443', PAPER[1]]),
      /host api\.broker\.example serves both worlds by port/],
  };
  for (const [name, [changes, message]] of Object.entries(refused)) {
    test(`${name}: does not start, and says what to change`, () => {
      const found = faults(changes);
      assert.ok(found.some((fault) => message.test(fault)), found.join('\n') || 'no fault');
    });
  }

  test('development switches and demo data are refused by name', () => {
    const [switched] = faults({}, { development_switches: ['--control'] });
    assert.match(switched ?? '', /--control is for dev/);
    assert.match(faults({}, { holds_demo_data: true })[0] ?? '', /made by development mode/);
  });

  test('hosts of either dialect are enough, and both may share a host of one world', () => {
    assert.deepEqual(faults({ 'tradier.hosts': {}, 'tradovate.hosts': {
      live: { ...SECOND, pages: ['auth.broker.example'] },
      paper: { api: ['trade-paper.broker.example'], pages: ['paper-auth.broker.example'] },
    } }), []);
    assert.deepEqual(faults(second({ ...SECOND, api: ['api.broker.example'] })), []);
  });

  test('one world alone needs nothing of the other', () => {
    const alone = { worlds: ['live' as const], 'paper.issuer': '', 'paper.pages_origin': '' };
    assert.deepEqual(faults(alone), []);
  });
});

describe('development', () => {
  const development = { mode: 'development' } as const;

  test('starts from the presets, with its switches, demo data and weakened settings', () => {
    const facts = { ...development, development_switches: ['--control'], holds_demo_data: true };
    const weak = { store: 'memory', 'tradier.danger_limits_off': true } as const;
    assert.deepEqual(faults({ ...PRESETS, ...weak }, facts), []);
  });

  test('two loopback ports of one name start, one port for both does not', () => {
    const loopback = hosts(['127.0.0.1:1', 'localhost:1'], ['127.0.0.1:2', 'localhost:2']);
    assert.deepEqual(faults({ ...PRESETS, ...loopback }, development), []);
    const one_port = faults({ ...PRESETS, 'paper.port': 4400 }, development);
    assert.match(one_port[0] ?? '', /live\.port and paper\.port are equal/);
    assert.deepEqual(faults({ ...PRESETS, 'live.port': 0, 'paper.port': 0 }, development), []);
  });

  test('stays on loopback', () => {
    for (const bind of ['0.0.0.0', '::', '192.0.2.1', 'server.internal']) {
      assert.match(faults({ ...PRESETS, bind }, development)[0] ?? '', /bind: development/, bind);
    }
    for (const bind of ['127.0.0.1', '127.0.0.2', '::1', 'localhost']) {
      assert.deepEqual(faults({ ...PRESETS, bind }, development), [], bind);
    }
  });
});

describe('what is published', () => {
  test('weakened rules and dangerous settings are listed', () => {
    assert.ok(WEAKENED.some((line) => line.includes('PKCE')));
    assert.ok(WEAKENED.some((line) => line.includes('refresh tokens')));
    assert.deepEqual(dangers(PRESETS), []);
    const weak = { ...PRESETS, danger_sqlite_synchronous: 'OFF' as const };
    assert.deepEqual(dangers({ ...weak, 'tradier.danger_limits_off': true }),
      ['danger_sqlite_synchronous', 'tradier.danger_limits_off']);
    const keyless = {
      'tradovate.danger_keyless_login': true, 'tradovate.danger_limits_off': true,
    } as const;
    assert.deepEqual(dangers({ ...PRESETS, ...keyless }), Object.keys(keyless));
    const named = SETTING_KEYS.filter((key) => key.split('.').at(-1)?.startsWith('danger_'));
    assert.deepEqual(named, [
      'danger_sqlite_synchronous', 'tradier.danger_limits_off', 'tradovate.danger_keyless_login',
      'tradovate.danger_limits_off',
    ]);
  });

  test('the effective value of every key, with its variable', () => {
    const effective = effectiveSettings({ ...PRESETS, brand: 'Acme' });
    assert.deepEqual(effective.map(({ key }) => key), SETTING_KEYS);
    const brand = effective.find(({ key }) => key === 'brand');
    assert.deepEqual([brand?.value, brand?.preset, brand?.environment],
      ['Acme', 'Countersign', 'COUNTERSIGN_BRAND']);
  });

  test('the JSON Schema nests as the file does and closes every object', () => {
    const schema = JSON.parse(JSON.stringify(configJsonSchema())) as {
      additionalProperties: boolean;
      properties: { live: { additionalProperties: boolean; properties: { port: object } } };
    };
    assert.equal(schema.additionalProperties, false);
    assert.equal(schema.properties.live.additionalProperties, false);
    const { port } = schema.properties.live.properties;
    assert.deepEqual(port, {
      type: 'integer', minimum: 0, maximum: 65_535, default: 4400,
      description: 'Port of the live world',
    });
  });
});
