/**
 * The settings, as data: one row a key with its schema, default and meaning. Documentation, the
 * published JSON Schema, environment names and `check-config` are all made from this table.
 */
import Type from 'typebox';
import { TRADIER_SETTINGS, TRADOVATE_SETTINGS } from './dialect-settings.ts';

export type Mode = 'development' | 'serve';

const PORT = Type.Integer({ minimum: 0, maximum: 65_535 });
const WORLD = Type.Union([Type.Literal('live'), Type.Literal('paper')]);
const LEVEL = Type.Union([
  Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'),
]);
const SYNCHRONOUS = Type.Union([
  Type.Literal('FULL'), Type.Literal('NORMAL'), Type.Literal('OFF'),
]);

const TEXT = Type.String();

/** Where the signing keys of a world live when not in its own data. */
const SIGNING_SETTINGS = {
  'live.signing_module': {
    schema: TEXT,
    preset: '',
    says: 'PKCS #11 library that keeps the live world\'s signing keys; empty = they are sealed',
  },
  'live.signing_token': { schema: TEXT, preset: '', says: 'Label of the token in that module' },
  'live.signing_pin_env': {
    schema: TEXT, preset: '', says: 'Name of the environment variable that holds its PIN',
  },
  'paper.signing_module': {
    schema: TEXT, preset: '', says: 'PKCS #11 library that keeps the paper world\'s signing keys',
  },
  'paper.signing_token': { schema: TEXT, preset: '', says: 'Label of the token in that module' },
  'paper.signing_pin_env': {
    schema: TEXT, preset: '', says: 'Name of the environment variable that holds its PIN',
  },
} as const;

/** Every key of the configuration file, of `--set` and (as COUNTERSIGN_…) of the environment. */
export const SETTINGS = {
  'data_dir': {
    schema: Type.String({ minLength: 1 }),
    preset: '.countersign',
    says: 'Directory of data, keys and the admin socket; mode 0700',
  },
  'worlds': {
    schema: Type.Array(WORLD, { minItems: 1, uniqueItems: true }),
    preset: ['live', 'paper'],
    says: 'Worlds this process serves',
  },
  'bind': {
    schema: Type.String({ minLength: 1 }),
    preset: '127.0.0.1',
    says: 'Address to listen on; TLS ends in front of it',
  },
  'live.port': { schema: PORT, preset: 4400, says: 'Port of the live world' },
  'live.issuer': {
    schema: Type.String(),
    preset: '',
    says: 'Issuer of the live world (RFC 9207 `iss`); https in production',
  },
  'live.pages_origin': {
    schema: Type.String(),
    preset: '',
    says: 'Origin of the live world\'s pages, e.g. https://auth.broker.example',
  },
  'live.master_key_file': {
    schema: Type.String(),
    preset: '',
    says: 'Master key of the live world, mode 0400; empty = in the data directory',
  },
  'paper.port': { schema: PORT, preset: 4401, says: 'Port of the paper world' },
  'paper.issuer': { schema: Type.String(), preset: '', says: 'Issuer of the paper world' },
  'paper.pages_origin': {
    schema: Type.String(), preset: '', says: 'Origin of the paper world\'s pages',
  },
  'paper.master_key_file': {
    schema: Type.String(), preset: '', says: 'Master key of the paper world, mode 0400',
  },
  ...SIGNING_SETTINGS,
  'trusted_proxies': {
    schema: Type.Array(Type.String()),
    preset: [],
    says: 'Addresses or ranges whose X-Forwarded-For is believed',
  },
  'store': {
    schema: Type.Union([Type.Literal('sqlite'), Type.Literal('memory')]),
    preset: 'sqlite',
    says: 'Where records live; memory forgets everything and is refused by serve',
  },
  'log_level': { schema: LEVEL, preset: 'info', says: 'Least level that is logged' },
  'brand': {
    schema: Type.String({ minLength: 1, maxLength: 60 }),
    preset: 'Countersign',
    says: 'Name of the brokerage, as its customers know it; shown on every page',
  },
  'password.memory_kib': {
    schema: Type.Integer({ minimum: 19_456 }),
    preset: 19_456,
    says: 'Argon2id memory; the floor is 19456 (DR-04)',
  },
  'password.passes': {
    schema: Type.Integer({ minimum: 2 }), preset: 2, says: 'Argon2id passes; the floor is 2',
  },
  'password.lanes': {
    schema: Type.Integer({ minimum: 1, maximum: 16 }), preset: 1, says: 'Argon2id lanes',
  },
  'password.concurrency': {
    schema: Type.Integer({ minimum: 1, maximum: 64 }),
    preset: 2,
    says: 'Password hashes computed at once; more wait in a bounded queue',
  },
  'password.queue': {
    schema: Type.Integer({ minimum: 0, maximum: 10_000 }),
    preset: 64,
    says: 'Password hashes that may wait; more are answered 503',
  },
  'danger_sqlite_synchronous': {
    schema: SYNCHRONOUS,
    preset: 'FULL',
    says: 'Anything but FULL can lose acknowledged commits; refused by serve',
  },
  'refresh_retry_s': {
    schema: Type.Integer({ minimum: 0, maximum: 60 }),
    preset: 30,
    says: 'How long a used rotating refresh token gives the same successor again (RP-11)',
  },
  'password.breached_file': {
    schema: Type.String(),
    preset: '',
    says: 'File of SHA-1 digests in hex, one a line: breached passwords or name:password',
  },
  'signup.banned_countries': {
    schema: Type.Array(Type.String({ pattern: '^[A-Za-z]{2}$' })),
    preset: [],
    says: 'Countries (ISO 3166-1 alpha-2) whose residents cannot sign up',
  },
  ...TRADIER_SETTINGS,
  ...TRADOVATE_SETTINGS,
} as const;

export type SettingKey = keyof typeof SETTINGS;

export type Settings = {
  -readonly [K in SettingKey]: Type.Static<(typeof SETTINGS)[K]['schema']>;
};

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** `live.issuer` → `COUNTERSIGN_LIVE_ISSUER`. */
export function environmentName(key: SettingKey): string {
  return `COUNTERSIGN_${key.replaceAll('.', '_').toUpperCase()}`;
}
