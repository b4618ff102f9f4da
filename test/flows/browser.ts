/** What people and apps do with the flows: sign in, consent, exchange, refresh, call. */
import type { Commands, TokenAnswer } from '../../src/core/commands.ts';
import type { App } from '../../src/core/kinds/app.ts';
import type { Customer } from '../../src/core/kinds/customer.ts';
import type { Result } from '../../src/core/rules/refusals.ts';
import { consentPurpose } from '../../src/flows/sign-in/browser.ts';
import { parametersFor, tokenCommandFor } from '../core/facts.ts';
import { type House, PASSWORD, SECRET } from './house.ts';

export type Browser = { readonly flow_cookie: string; readonly login_cookie: string };

/** A browser with our flow cookie in it. */
export async function openBrowser(house: House): Promise<string> {
  const cookies = { flow_cookie: null, login_cookie: null };
  const step = valueOf(await house.send('show_sign_in', { ...cookies, returned: false }));
  if (step.is !== 'set_browser') throw new Error(`unexpected step ${step.is}`);
  return step.flow_cookie;
}

export function signIn(
  house: House,
  flow_cookie: string,
  form: { readonly name: string; readonly password?: string; readonly address?: string },
) {
  const { name, password = PASSWORD, address } = form;
  const csrf = house.flows.deps.seals.csrf(flow_cookie, 'sign-in');
  const cookies = { flow_cookie, login_cookie: null };
  return house.send(
    'sign_in', { ...cookies, csrf, fetch_site: null, name, password, request: null }, address,
  );
}

/** A browser in which this customer is signed in. */
export async function signedInBrowser(house: House, customer: Customer): Promise<Browser> {
  const flow_cookie = await openBrowser(house);
  const done = valueOf(await signIn(house, flow_cookie, { name: customer.login_name }));
  if (done.is !== 'done') throw new Error(`not signed in: ${done.refusal?.reason ?? ''}`);
  return { flow_cookie, login_cookie: done.login_cookie };
}

/** An authorization request, opened in this browser and ready for an answer. */
export async function openRequest(
  house: House,
  browser: Browser,
  parameters: Partial<Commands['authorize']['parameters']>,
): Promise<string> {
  const asked = valueOf(await house.send('authorize', {
    profile: house.profile, parameters: parametersFor(parameters), own_browser: false,
    flow_cookie: null,
  }));
  valueOf(await house.send('open_request', {
    ...browser, dialect: house.profile.dialect, request: asked.request,
    client_id: asked.client_id, returned: true,
  }));
  return asked.request;
}

export function answer(
  house: House,
  browser: Browser,
  { request, decision }: Pick<Commands['decide_consent'], 'request' | 'decision'>,
) {
  const opened = house.flows.deps.seals.openRequest(request);
  if (typeof opened === 'string') throw new Error(opened);
  const { handles, seals } = house.flows.deps;
  const login = handles.open('login', browser.login_cookie);
  const customer = typeof login === 'string' ? '' : login.shard;
  const csrf = seals.csrf(browser.flow_cookie, consentPurpose(opened.id, customer));
  const form = { request, client_id: opened.app, decision, csrf, fetch_site: null };
  return house.send('decide_consent', { ...browser, ...form });
}

/** The code that a yes of this customer gives. */
export async function consent(
  house: House,
  browser: Browser,
  parameters: Partial<Commands['authorize']['parameters']> = {},
): Promise<string> {
  const request = await openRequest(house, browser, parameters);
  const answered = valueOf(await answer(house, browser, { request, decision: 'allow' }));
  if (answered.is !== 'answered') throw new Error(`unexpected answer ${answered.is}`);
  const code = new URL(answered.location).searchParams.get('code');
  if (code === null) throw new Error(`no code in ${answered.location}`);
  return code;
}

export function exchange(
  house: House,
  app: App,
  over: Partial<Commands['token']>,
): Promise<Result<TokenAnswer>> {
  const client = { id: app.id, secret: SECRET };
  return house.send('token', tokenCommandFor({ profile: house.profile, client, ...over }));
}

export function refresh(house: House, app: App, refresh_token: string, scope?: string[]) {
  const over = { grant_type: 'refresh_token', code: null, refresh_token, scope: scope ?? null };
  return exchange(house, app, over);
}

/** Whether a bearer token is taken, and with which scopes. */
export function check(house: House, bearer: string, scopes: string[] = []) {
  return house.send('check_token', {
    profile: house.profile, bearer, scopes, bucket: 'standard', account: null,
  });
}

export function endConnections(house: House, browser: Browser, app: string | null) {
  const csrf = house.flows.deps.seals.csrf(browser.login_cookie, 'connections');
  return house.send('end_connections', { ...browser, csrf, fetch_site: null, app });
}

export function changePersonalToken(
  house: House,
  browser: Browser,
  change: 'replace' | 'delete',
) {
  const csrf = house.flows.deps.seals.csrf(browser.login_cookie, 'connections');
  return house.send('change_personal_token', { ...browser, csrf, fetch_site: null, change });
}

export function act(house: House, name: string, args: Commands['act']['args']) {
  return house.send('act', { act: name, args });
}

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`refused by ${result.refusal.rule}: ${result.refusal.reason}`);
}

/** `ok`, or the code of the refusal. */
export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.refusal.code;
}
