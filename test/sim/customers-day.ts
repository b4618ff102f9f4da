/** One customer, two apps and an operator over the real flows, each step beside its model. */
import type { TokenAnswer } from '../../src/core/commands.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Result } from '../../src/core/rules/refusals.ts';
import {
  type Browser, act, answer, changePersonalToken, check as checkToken, codeOf, endConnections,
  exchange as exchangeCode, openRequest, refresh as refreshToken, signedInBrowser, valueOf,
} from '../flows/browser.ts';
import { type House, appWithSecret, customerWithPassword, openHouse } from '../flows/house.ts';
import {
  type AppName, LIVE_GRANTS_MAX, LIVE_TOKENS_MAX, type Model, TOKEN_MS, check, checkPersonal,
  consent, emptyModel, endGrant, exchange, refresh, removeApp, setApproved, setPassword,
  setPersonal, setRefreshApproved, setStatus, signIn, signedIn,
} from './model.ts';
import type { Observed } from './orders.ts';

type Held<T> = T & { readonly text: string };
type AccessToken = Held<{ grant: string; number: number; expires_at: number }>;

export type Day = {
  readonly house: House;
  readonly apps: { readonly [A in AppName]: App };
  /** Models that explain everything so far. */
  models: readonly Model[];
  browser: Browser;
  readonly codes: Held<{ name: string }>[];
  readonly tokens: AccessToken[];
  readonly refresh_tokens: Held<{ grant: string }>[];
  readonly personal: Held<{ name: string }>[];
  /** How many codes were issued whose text nobody got. */
  lost_codes: number;
  drawn: number;
};

/** An operation that can be started now; its answer comes with its models. */
export type Operation = {
  readonly says: string;
  readonly steps: Observed['steps'];
  readonly run: () => Promise<string>;
};

export async function beginDay(seed: number): Promise<Day> {
  const apps = { A: appWithSecret(), B: appWithSecret({ id: 'B'.repeat(32) }) };
  const house = await openHouse({
    apps: [apps.A, apps.B],
    seed,
    profile: { grants_live_max: LIVE_GRANTS_MAX, access_tokens_live_max: LIVE_TOKENS_MAX },
  });
  house.settings.danger_limits_off = true;
  return {
    house, apps, models: [emptyModel(house.clock.ms)],
    codes: [], tokens: [], refresh_tokens: [], personal: [],
    browser: await signedInBrowser(house, customerWithPassword()), lost_codes: 0, drawn: 0,
  };
}

/** Signs her in again where all models agree that she may and is not; no race. */
export async function signInAgain(day: Day): Promise<void> {
  const now = day.house.clock.ms;
  const needed = day.models.every((one) => one.status === 'active' && !signedIn(one, now));
  if (!needed) return;
  day.browser = await signedInBrowser(day.house, customerWithPassword());
  day.models = day.models.map((model) => signIn(model, now));
}

/** An operator sets everything back that acts have ended, so that a day goes on; no race. */
export async function repair(day: Day): Promise<void> {
  for (const app of ['A', 'B'] as const) {
    for (const kind of [1, 3, 5]) {
      const { run, steps } = anAct(day, kind, app, null);
      await run();
      day.models = day.models.flatMap((model) => steps(model).map((step) => step.after));
    }
  }
}

/** A request of this app, opened by her, to be allowed later; null when it cannot be opened. */
export async function prepareConsent(day: Day, app: AppName): Promise<Operation | null> {
  const now = day.house.clock.ms;
  const open = day.models.every((model) => model.apps[app].approved && signedIn(model, now));
  if (!open) return null;
  const { house, browser } = day;
  const request = await openRequest(house, browser, { client_id: day.apps[app].id });
  const name = `code${++day.drawn}`;
  return {
    says: `allow ${app} as ${name}`,
    steps: (model) => [consent(model, app, name, now)],
    async run() {
      const result = await answer(house, browser, { request, decision: 'allow' });
      if (!result.ok) return result.refusal.code;
      if (result.value.is !== 'answered') return result.value.is;
      const text = new URL(result.value.location).searchParams.get('code') ?? '';
      day.codes.push({ name, text });
      return 'answered';
    },
  };
}

/** An exchange by an app, perhaps not the code's, perhaps with a verifier nobody asked for. */
export function anExchange(
  day: Day,
  app: AppName,
  code: Held<{ name: string }>,
  verifier: boolean,
): Operation {
  const { house } = day;
  const call = { app, code: code.name, verifier };
  const now = house.clock.ms;
  return {
    says: `exchange ${code.name} by ${app}${verifier ? ' with a verifier' : ''}`,
    steps: authenticating(day, app, (model, authenticated) =>
      exchange(model, call, { now, authenticated })),
    async run() {
      const code_verifier = verifier ? 'v'.repeat(43) : null;
      const result = await exchangeCode(house, day.apps[app], { code: code.text, code_verifier });
      return keep(day, result, code.name);
    },
  };
}

export function aRefresh(day: Day, app: AppName, token: Held<{ grant: string }>): Operation {
  const call = { app, grant: token.grant };
  return {
    says: `refresh ${token.grant} by ${app}`,
    steps: authenticating(day, app, (model, authenticated) => refresh(model, call, authenticated)),
    async run() {
      return keep(day, await refreshToken(day.house, day.apps[app], token.text), token.grant);
    },
  };
}

/** An app may prove who it is and be disabled before its request is decided. */
function authenticating(
  day: Day,
  app: AppName,
  step: (model: Model, authenticated: boolean) => ReturnType<typeof refresh>,
): Observed['steps'] {
  const before = day.models.some((model) => model.apps[app].approved);
  return (model) => (before ? [step(model, false), step(model, true)] : [step(model, false)]);
}

function keep(day: Day, result: Result<TokenAnswer>, grant: string): string {
  if (!result.ok) return result.refusal.code;
  const { access_token, refresh_token, issued_at } = result.value;
  const claims = day.house.flows.deps.seals.openToken(access_token);
  if (typeof claims === 'string') throw new Error(claims);
  const expires_at = Math.floor(issued_at / 1000) * 1000 + TOKEN_MS;
  day.tokens.push({ grant, number: claims.number, expires_at, text: access_token });
  if (refresh_token !== null) day.refresh_tokens.push({ grant, text: refresh_token });
  return `ok ${claims.number}`;
}

export function aCheck(day: Day, token: AccessToken): Operation {
  const now = day.house.clock.ms;
  return {
    says: `check ${token.grant}#${token.number}`,
    steps: (model) => [check(model, token, now)],
    run: async () => codeOf(await checkToken(day.house, token.text)),
  };
}

export function aRemoval(day: Day, app: AppName): Operation {
  const { house, browser } = day;
  const now = house.clock.ms;
  return {
    says: `remove ${app}`,
    steps: (model) => [removeApp(model, app, now)],
    async run() {
      const result = await endConnections(house, browser, day.apps[app].id);
      return result.ok ? 'ended' : result.refusal.code;
    },
  };
}

export function aPersonalToken(day: Day, change: 'replace' | 'delete'): Operation {
  const { house, browser } = day;
  const now = house.clock.ms;
  const name = change === 'delete' ? null : `personal${++day.drawn}`;
  return {
    says: `${change} personal token ${name ?? ''}`,
    steps: (model) => [setPersonal(model, name, now)],
    async run() {
      const result = await changePersonalToken(house, browser, change);
      if (!result.ok) return result.refusal.code;
      const text = result.value.token;
      if (name !== null && text !== null) day.personal.push({ name, text });
      return 'changed';
    },
  };
}

export function aPersonalCheck(day: Day, token: Held<{ name: string }>): Operation {
  return {
    says: `check ${token.name}`,
    steps: (model) => [checkPersonal(model, token.name)],
    run: async () => codeOf(await checkToken(day.house, token.text)),
  };
}

type Act = readonly [name: string, args: { readonly [name: string]: unknown }];

type Change = (model: Model) => Model;

/** Acts that end what rests on them, each before the one that sets it back. */
const ACT_KINDS = 7;

/** An operator's act: one of the kinds, or the end of a grant when its id is given. */
export function anAct(day: Day, kind: number, app: AppName, grant: string | null): Operation {
  const { id: client_id } = day.apps[app];
  const customer = customerWithPassword().id;
  const acts: readonly (readonly [Act, Change])[] = [
    [['customer.set-status', { customer, status: 'locked' }], (m) => setStatus(m, 'locked')],
    [['customer.set-status', { customer, status: 'active' }], (m) => setStatus(m, 'active')],
    [['app.disable', { app: client_id }], (m) => setApproved(m, app, false)],
    [['app.approve', { app: client_id }], (m) => setApproved(m, app, true)],
    [['approval.withdraw', { app: client_id }], (m) => setRefreshApproved(m, app, false)],
    [['approval.grant', { app: client_id }], (m) => setRefreshApproved(m, app, true)],
    [['login.end', { customer }], (m) => setPassword(m)],
    [['grant.end', { grant }], (m) => (grant === null ? m : endGrant(m, grantName(day, grant)))],
  ];
  const chosen = acts[grant === null ? kind % ACT_KINDS : ACT_KINDS];
  if (chosen === undefined) throw new Error('no such act');
  const [[name, args], after] = chosen;
  return {
    says: `${name} ${JSON.stringify(args)}`,
    steps: (model) => [{ answer: 'done', after: after(model) }],
    async run() {
      valueOf(await act(day.house, name, args));
      return 'done';
    },
  };
}

function grantName(day: Day, grant_id: string): string {
  const { seals } = day.house.flows.deps;
  const token = day.tokens.find((one) => {
    const claims = seals.openToken(one.text);
    return typeof claims !== 'string' && claims.grant === grant_id;
  });
  return token?.grant ?? '';
}
