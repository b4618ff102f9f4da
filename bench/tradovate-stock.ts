/** Grants that rotate and sessions that renew, made the way customers and programs make them. */
import { createBrowser } from '../test/outside/browser.ts';
import type { Browser } from '../test/outside/browser.ts';
import type { Customer } from '../test/outside/fixtures.ts';
import {
  exchange, login, oauthPath, sessionOf, tokensOf,
} from '../test/outside/tradovate.ts';
import { API_KEYS } from '../test/outside/tradovate-fixtures.ts';
import type { ApiKey, Registration, User } from '../test/outside/tradovate-fixtures.ts';
import type { Server } from '../test/world.ts';

export type TradovateStock = {
  readonly apps: readonly Registration[];
  readonly key: ApiKey;
};

export type TradovateMaker = {
  /** Refresh tokens of new grants, with the app they belong to. */
  readonly rotating: (count: number) => Promise<{ app: Registration; refresh_token: string }[]>;
  /** Access tokens of new sessions. */
  readonly sessions: (count: number) => Promise<string[]>;
};

const APPS = 4;
/** Sign-ins of one address that the product takes in a minute, with room to spare. */
const SIGN_INS_A_MINUTE = 90;

export function planTradovate(): TradovateStock {
  return {
    apps: Array.from({ length: APPS }, (_, at): Registration => ({
      id: String(50_001 + at),
      secret: `demo-bench-${at}-0123456789abcdefghijklmnopqrstuv`,
      name: `Demo bench ${at}`,
      redirect_uri: 'https://bench.example/cb',
      permissions: ['Users:Read', 'Orders:FullAccess'],
      response_iss: false,
      resources: [],
      worlds: ['live'],
    })),
    key: API_KEYS.K1,
  };
}

/** What the seed file says of them. */
export function tradovateRecords({ apps, key }: TradovateStock): {
  readonly apps: readonly object[];
  readonly api_keys: readonly object[];
} {
  return {
    apps: apps.map(({ redirect_uri, permissions, ...app }) => ({
      ...app, dialect: 'tradovate', redirect_uris: [redirect_uri], scopes: permissions,
    })),
    api_keys: [key],
  };
}

/** One browser a customer, signed in by its first consent. */
export function openTradovateMaker(
  { live: world, control }: Server,
  { apps, key }: TradovateStock,
  customers: readonly Customer[],
): TradovateMaker {
  const browsers = new Map<Customer, Browser>();
  let signed_in = 0;

  async function makeRoom(): Promise<void> {
    signed_in += 1;
    if (signed_in % SIGN_INS_A_MINUTE === 0) await control.advance(61);
  }

  async function browserOf(customer: Customer): Promise<Browser> {
    const known = browsers.get(customer);
    if (known !== undefined) return known;
    const browser = createBrowser(world);
    await makeRoom();
    await browser.open('/login');
    await browser.submit('sign-in', { name: customer.login_name, password: customer.password });
    browsers.set(customer, browser);
    return browser;
  }

  return {
    async rotating(count) {
      const made: { app: Registration; refresh_token: string }[] = [];
      for (let turn = 0; turn < count; turn += 1) {
        const app = at(apps, turn);
        const browser = await browserOf(at(customers, Math.floor(turn / apps.length)));
        await browser.open(oauthPath(app));
        const { code } = await browser.consent('allow');
        const { refresh_token } = tokensOf(await exchange(world, app, code ?? ''));
        made.push({ app, refresh_token });
      }
      return made;
    },
    async sessions(count) {
      const made: string[] = [];
      for (let turn = 0; turn < count; turn += 1) {
        await makeRoom();
        const { login_name, password } = at(customers, turn);
        const answer = await login(world, key, { login_name, password } as User);
        made.push(sessionOf(answer).accessToken);
      }
      return made;
    },
  };
}

function at<T>(all: readonly T[], turn: number): T {
  const found = all[turn % all.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
