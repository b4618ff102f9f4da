/**
 * The customers and apps of the acceptance rows, all marked as demo: the contract's A1–A4, u1 and
 * u2, the attack list's A, B, M, Q, TI, TX, alice, bob and carol, and a few more that rows need.
 */
import { createHash } from 'node:crypto';

export type WorldName = 'live' | 'paper';

/** One world of a running server, as clients see it. */
export type WorldSite = { readonly name: WorldName; readonly origin: string };

export type App = {
  readonly id: string;
  readonly secret: string;
  readonly name: string;
  readonly redirect_uris: readonly string[];
  readonly scopes: string;
  readonly worlds: readonly WorldName[];
  readonly refresh_approved: boolean;
  readonly response_iss: boolean;
  readonly redirect_uri_mode: 'strict' | 'ignore';
  readonly status: 'pending' | 'approved' | 'disabled';
  /** `Authorization` value of RFC 6749 §2.3.1. */
  readonly basic: string;
};

export type Customer = {
  readonly login_name: string;
  readonly password: string;
  readonly name: string;
  readonly status: 'active' | 'locked';
  readonly accounts: { readonly [W in WorldName]: readonly string[] };
};

type AppFacts = Partial<Omit<App, 'id' | 'secret' | 'name' | 'basic' | 'redirect_uris'>> & {
  readonly redirect_uris: readonly string[];
};

const ALL_SCOPES = 'read write trade market stream';

/** A demo app; its id and secret follow from `key`. All scopes and both worlds by default. */
export function demoApp(key: string, facts: AppFacts): App {
  const digest = createHash('sha256').update(`demo app ${key}`);
  const random = digest.copy().digest('hex');
  const id = `demo${key}${random}`.slice(0, 32);
  const secret = `demo-${digest.digest('base64url')}`;
  return {
    scopes: ALL_SCOPES,
    worlds: ['live', 'paper'],
    refresh_approved: false,
    response_iss: true,
    redirect_uri_mode: 'strict',
    status: 'approved',
    ...facts,
    id,
    secret,
    name: `Demo app ${key}`,
    basic: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  };
}

/** A demo customer; the password follows from her name. */
export function demoCustomer(
  name: string,
  accounts: Customer['accounts'],
  locked = false,
): Customer {
  return {
    login_name: name,
    password: `demo-password-of-${name}`,
    name: `Demo ${name}`,
    status: locked ? 'locked' : 'active',
    accounts,
  };
}

const T = 'https://t.example/cb';

export const APPS = {
  // The contract's: no `iss` in callbacks.
  A1: demoApp('A1', { redirect_uris: ['https://app.example/cb'], response_iss: false }),
  A2: demoApp('A2', {
    redirect_uris: ['https://app2.example/cb?tradier=linked&env=live'],
    refresh_approved: true,
    response_iss: false,
  }),
  A3: demoApp('A3', {
    redirect_uris: ['https://app3.example/cb'],
    worlds: ['paper'],
    scopes: 'read market',
    response_iss: false,
  }),
  A4: demoApp('A4', {
    redirect_uris: ['https://app4.example/one', 'https://app4.example/two'],
    response_iss: false,
  }),
  // The attack list's, with `iss`.
  A: demoApp('A', {
    redirect_uris: ['https://app.example/cb'],
    scopes: 'read trade',
    refresh_approved: true,
  }),
  B: demoApp('B', { redirect_uris: ['https://b.example/cb'], refresh_approved: true }),
  M: demoApp('M', { redirect_uris: ['https://m.example/a', 'https://m.example/b'] }),
  Q: demoApp('Q', { redirect_uris: ['https://q.example/cb?x=1'] }),
  TI: demoApp('TI', { redirect_uris: [T], refresh_approved: true }),
  TX: demoApp('TX', { redirect_uris: [T] }),
  // More that rows need.
  /** Like A1, but an unregistered `redirect_uri` is overlooked. */
  ignoring: demoApp('ignoring', {
    redirect_uris: ['https://app.example/cb'],
    redirect_uri_mode: 'ignore',
    response_iss: false,
  }),
  disabled: demoApp('disabled', { redirect_uris: [T], status: 'disabled' }),
  pending: demoApp('pending', { redirect_uris: [T], status: 'pending' }),
  /** A loopback callback, for clients that listen for it themselves. */
  loopback: demoApp('loopback', {
    redirect_uris: ['http://127.0.0.1:4499/callback'],
    refresh_approved: true,
    response_iss: false,
  }),
} as const satisfies { readonly [key: string]: App };

export type AppName = keyof typeof APPS;

export const CUSTOMERS = {
  u1: demoCustomer('u1', { live: ['VA000001'], paper: ['VB000001', 'VB000002'] }),
  u2: demoCustomer('u2', { live: ['VA000002'], paper: ['VB000003'] }),
  alice: demoCustomer('alice', { live: ['6YA00001', '6YA00002'], paper: ['6YB00001'] }),
  bob: demoCustomer('bob', { live: ['6YA00003'], paper: ['6YB00003'] }),
  carol: demoCustomer('carol', { live: ['6YA00004'], paper: ['6YB00004'] }, true),
  /** Signs in, but has no account to let an app into. */
  nadia: demoCustomer('nadia', { live: [], paper: [] }),
} as const satisfies { readonly [key: string]: Customer };

export type CustomerName = keyof typeof CUSTOMERS;
