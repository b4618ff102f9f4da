/**
 * What the workloads use up or lean on, made the way customers make it: sign-in, consent, code,
 * tokens. One browser a customer, signed in once; links are customers × apps.
 */
import type { App, Customer } from '../test/outside/fixtures.ts';
import { demoApp, demoCustomer } from '../test/outside/fixtures.ts';
import { createBrowser } from '../test/outside/browser.ts';
import type { Browser } from '../test/outside/browser.ts';
import { exchange, tokens } from '../test/outside/tradier.ts';
import type { TokenBody } from '../test/outside/tradier.ts';
import type { Server } from '../test/world.ts';

export type Issued = { readonly app: App; readonly tokens: TokenBody };
export type Coded = { readonly app: App; readonly code: string };

export type Stock = {
  readonly refreshing: readonly App[];
  readonly exchanging: readonly App[];
  readonly customers: readonly Customer[];
};

export type Maker = {
  /** New codes of the `exchanging` apps, spread over all customers. */
  readonly codes: (count: number) => Promise<Coded[]>;
  /** New grants of the `refreshing` apps with their tokens, spread over all customers. */
  readonly grants: (count: number) => Promise<Issued[]>;
};

const CUSTOMERS = 48;
const REFRESHING_APPS = 16;
const EXCHANGING_APPS = 8;
/** The contract ends the 21st grant of a link's oldest: more would end what a workload uses. */
const GRANTS_A_LINK_MAX = 20;

/** Most grants that stay alive side by side. */
export const GRANTS_MAX = CUSTOMERS * REFRESHING_APPS * GRANTS_A_LINK_MAX;

/** The apps and customers of a run, for the seed file. */
export function planStock(): Stock {
  const apps = (kind: string, count: number): App[] =>
    Array.from({ length: count }, (_, at) =>
      demoApp(`${kind}${at}`, {
        redirect_uris: ['https://bench.example/cb'],
        refresh_approved: true,
        worlds: ['live'],
      }),
    );
  return {
    refreshing: apps('refresh', REFRESHING_APPS),
    exchanging: apps('exchange', EXCHANGING_APPS),
    customers: Array.from({ length: CUSTOMERS }, (_, at) =>
      demoCustomer(`bench${at}`, { live: [`BA${String(at).padStart(6, '0')}`], paper: [] }),
    ),
  };
}

/** Started flows that the product allows one subnet in a window; all of ours come from one. */
export const FLOWS_AT_ONCE_MAX = 1_900;
const FLOW_WINDOW_S = 601;

/** Signs all customers in. `progress` hears how much of a batch is made, from 0 to 1. */
export async function openMaker(
  { live: world, control }: Server,
  stock: Stock,
  progress: (what: string, share: number) => void,
): Promise<Maker> {
  let started = 0;
  const makeRoom = async (flows: number): Promise<void> => {
    if (started + flows > FLOWS_AT_ONCE_MAX) {
      await control.advance(FLOW_WINDOW_S);
      started = 0;
    }
    started += flows;
  };
  const browsers: Browser[] = [];
  for (const customer of stock.customers) {
    const browser = createBrowser(world);
    await browser.open('/login');
    await browser.submit('sign-in', { name: customer.login_name, password: customer.password });
    browsers.push(browser);
    progress('customers', browsers.length / stock.customers.length);
  }
  return {
    codes: async (count) => {
      await makeRoom(count);
      const make = (browser: Browser, turn: number): Promise<Coded> =>
        newCode(browser, pick(stock.exchanging, turn));
      return spread(browsers, count, make, (share) => progress('codes', share));
    },
    grants: async (count) => {
      const made: Issued[] = [];
      const make = async (browser: Browser, turn: number): Promise<Issued> => {
        const { app, code } = await newCode(browser, pick(stock.refreshing, turn));
        return { app, tokens: tokens(await exchange(world, app, code)) };
      };
      while (made.length < count) {
        const flows = Math.min(count - made.length, FLOWS_AT_ONCE_MAX - browsers.length);
        await makeRoom(flows);
        made.push(...(await spread(browsers, flows, make, (share) => progress('grants', share))));
      }
      return made;
    },
  };
}

const pick = <T>(all: readonly T[], turn: number): T => {
  const found = all[turn % all.length];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

async function newCode(browser: Browser, app: App): Promise<Coded> {
  await browser.authorize(app, { state: 'bench' });
  const { code, url } = await browser.consent('allow');
  if (code === null) throw new Error(`no code at ${url}`);
  return { app, code };
}

/** Each browser makes its share, one after another; the browsers work side by side. */
async function spread<T>(
  browsers: readonly Browser[],
  count: number,
  make: (browser: Browser, turn: number) => Promise<T>,
  progress: (share: number) => void,
): Promise<T[]> {
  const made: T[] = [];
  const each = Math.ceil(count / browsers.length);
  await Promise.all(
    browsers.map(async (browser) => {
      for (let turn = 0; turn < each; turn += 1) {
        made.push(await make(browser, turn));
        progress(made.length / (each * browsers.length));
      }
    }),
  );
  return made;
}
