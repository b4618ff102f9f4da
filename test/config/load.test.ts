import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { checkOne, loadSettings } from '../../src/config/load.ts';
import { SETTING_KEYS, environmentName } from '../../src/config/settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'countersign-config-'));
after(() => rmSync(directory, { recursive: true }));

let files = 0;
function yaml(text: string): string {
  const file = join(directory, `${(files += 1)}.yaml`);
  writeFileSync(file, text);
  return file;
}

type Given = {
  readonly file?: string;
  readonly environment?: { readonly [name: string]: string };
  readonly set?: readonly string[];
};

const load = ({ file, environment = {}, set = [] }: Given) =>
  loadSettings({ file: file ?? null, environment, set });

describe('where a setting comes from', () => {
  test('nothing given: the presets', () => {
    const settings = load({});
    assert.equal(settings['live.port'], 4400);
    assert.deepEqual(settings.worlds, ['live', 'paper']);
    assert.equal(settings['tradier.token_type'], 'Bearer');
    settings.worlds.length = 0;
    assert.deepEqual(load({}).worlds, ['live', 'paper'], 'presets are not shared');
  });

  test('file, then environment, then --set: the later one holds', () => {
    const file = yaml('live: { port: 1 }\npaper.port: 2\nbrand: Acme\n' +
      'tradier:\n  hosts:\n    live: { api: [a.example], pages: [b.example] }\n');
    const environment = {
      PATH: '/bin', COUNTERSIGN_PAPER_PORT: '3', COUNTERSIGN_BRAND: 'Bolt',
      COUNTERSIGN_WORLDS: '["live"]', COUNTERSIGN_LIVE_MASTER_KEY: 'not a setting',
    };
    const settings = load({ file, environment, set: ['brand=Crown = king', 'log_level=warn'] });
    assert.equal(settings['live.port'], 1);
    assert.equal(settings['paper.port'], 3);
    assert.equal(settings.brand, 'Crown = king');
    assert.deepEqual(settings.worlds, ['live']);
    assert.deepEqual(settings['tradier.hosts'].live, { api: ['a.example'], pages: ['b.example'] });
  });

  test('text becomes the type of its key', () => {
    const settings = load({
      set: ['tradier.aliases=true', 'live.port=0', 'brand=12', 'trusted_proxies=["10.0.0.0/8"]'],
    });
    assert.equal(settings['tradier.aliases'], true);
    assert.equal(settings['live.port'], 0);
    assert.equal(settings.brand, '12');
    assert.deepEqual(settings.trusted_proxies, ['10.0.0.0/8']);
  });

  test('every key has one variable, and no two share it', () => {
    const names = SETTING_KEYS.map(environmentName);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^COUNTERSIGN_[A-Z0-9_]+$/);
  });

  test('at most 40 keys of our own, and of each dialect exactly those of its contract', () => {
    const tradier = SETTING_KEYS.filter((key) => key.startsWith('tradier.'));
    const tradovate = SETTING_KEYS.filter((key) => key.startsWith('tradovate.'));
    assert.ok(SETTING_KEYS.length - tradier.length - tradovate.length <= 40);
    assert.deepEqual(tradier, ['tradier.hosts', 'tradier.token_type', 'tradier.refresh_echo',
      'tradier.api_errors', 'tradier.read_implies_market', 'tradier.danger_limits_off',
      'tradier.aliases']);
    assert.deepEqual(tradovate, ['tradovate.hosts', 'tradovate.elsewhere', 'tradovate.api_hosts',
      'tradovate.lifetimes', 'tradovate.max_sessions', 'tradovate.evicted_status',
      'tradovate.login_failure_status', 'tradovate.login_captcha', 'tradovate.limit_exempt',
      'tradovate.danger_keyless_login', 'tradovate.danger_limits_off', 'tradovate.register',
      'tradovate.example_resources', 'tradovate.socket_upstream']);
  });
});

describe('what is refused, with its key, its source and the fix', () => {
  const cases: { readonly [name: string]: readonly [Given, RegExp] } = {
    'an unknown key':
      [{ set: ['token_type=off'] },
        /--set: unknown setting token_type; did you mean tradier\.token_type\?/],
    'an unknown key of nobody': [{ set: ['nonsense=1'] }, /unknown setting nonsense; see docs/],
    'an unknown key in a file':
      [{ file: yaml('tradier: { alias: true }') }, /yaml: unknown setting tradier\.alias/],
    'a prototype key': [{ file: yaml('__proto__: { port: 1 }') }, /unknown setting __proto__/],
    'an unknown variable':
      [{ environment: { COUNTERSIGN_LIVE_PROT: '1' } }, /COUNTERSIGN_LIVE_PROT is no setting/],
    'a word for a number':
      [{ set: ['live.port=http'] }, /--set: live\.port .*integer.*Port of the live world/],
    'a number for a switch':
      [{ environment: { COUNTERSIGN_TRADIER_ALIASES: '1' } },
        /COUNTERSIGN_TRADIER_ALIASES: tradier\.aliases .*boolean/],
    'a port that is none': [{ set: ['live.port=70000'] }, /live\.port/],
    'a word that is not offered':
      [{ set: ['tradier.token_type=BearerToken'] }, /tradier\.token_type/],
    'a world that is none': [{ set: ['worlds=["demo"]'] }, /worlds/],
    'no world': [{ set: ['worlds=[]'] }, /worlds/],
    'unknown members of hosts':
      [{ set: ['tradier.hosts={"live":{"api":["a"],"pages":["b"],"x":[]}}'] }, /tradier\.hosts/],
    'a password floor': [{ set: ['password.memory_kib=8192'] }, /password\.memory_kib .*19456/],
    'one pass': [{ set: ['password.passes=1'] }, /password\.passes/],
    'no equals sign': [{ set: ['brand'] }, /--set brand: write KEY=VALUE/],
    'no file':
      [{ file: '/nowhere/x.yaml' }, /cannot read the configuration file \/nowhere\/x\.yaml/],
    'no YAML': [{ file: yaml('a: [') }, /yaml/],
    'a key twice': [{ file: yaml('brand: a\nbrand: b') }, /unique/],
    'a key twice in two spellings':
      [{ file: yaml('live: { port: 1 }\nlive.port: 2') }, /live\.port stands there twice/],
    'a list for the whole': [{ file: yaml('- a') }, /unknown setting/],
  };
  for (const [name, [given, message]] of Object.entries(cases)) {
    test(name, () => assert.throws(() => load(given), { name: 'ConfigError', message }));
  }

  test('a typed value of the control listener meets the same schema', () => {
    assert.doesNotThrow(() => checkOne('tradier.refresh_echo', true, 'control'));
    assert.throws(() => checkOne('tradier.refresh_echo', 'yes', 'control'), /control: tradier/);
    assert.throws(() => checkOne('toString', true, 'control'), /unknown setting toString/);
  });
});
