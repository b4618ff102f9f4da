/** One request to the Tradier dialect without a server; the test scripts what the core answers. */
import type { CommandName, Commands, Dispatch, Outcomes } from '../../../src/core/commands.ts';
import type { Dialect, ProblemRequest } from '../../../src/core/routes.ts';
import {
  type Refusal, type RefusalCode, type Result, accepted, refused,
} from '../../../src/core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../../src/core/wire.ts';
import { pageRenderer } from '../../../src/dialects/pages/renderer.ts';
import { tradierDialect } from '../../../src/dialects/tradier/dialect.ts';
import type { TradierSettings } from '../../../src/dialects/tradier/settings.ts';
import { type Sent, wireRequest } from '../page-requests.ts';

export const FORM = 'application/x-www-form-urlencoded';

export const DEFAULTS: TradierSettings = {
  token_type: 'Bearer',
  refresh_echo: false,
  api_errors: 'fault',
  read_implies_market: false,
  danger_limits_off: false,
  aliases: false,
};

const WORLDS = {
  live: { pages_origin: 'https://auth.broker.example' },
  paper: { pages_origin: 'https://paper-auth.broker.example' },
};

export function dialectWith(settings: Partial<TradierSettings> = {}): Dialect {
  return tradierDialect({
    settings: { ...DEFAULTS, ...settings },
    pages: pageRenderer({ secure_cookies: true, development: false, worlds: WORLDS }),
    worlds: WORLDS,
  });
}

export type Exchange = {
  readonly response: WireResponse;
  /** What reached the core, or null when the decoder refused. */
  readonly command: Commands[CommandName] | null;
};

export type Scripted = {
  readonly result: Result<Outcomes[CommandName]>;
  readonly settings?: Partial<TradierSettings>;
};

export async function exchange(sent: Sent, scripted: Scripted): Promise<Exchange> {
  let command: Commands[CommandName] | null = null;
  const dispatch = ((_name: CommandName, given: Commands[CommandName]) => {
    command = given;
    return Promise.resolve(scripted.result);
  }) as Dispatch;
  const request: WireRequest = { ...wireRequest(sent), authority: 'api.broker.example' };
  const route = dialectWith(scripted.settings).routes.find(({ path, methods }) =>
    path === request.path && methods.includes(request.method));
  if (route === undefined) throw new Error(`no route for ${request.method} ${request.path}`);
  const response = await route.answer(request, dispatch);
  return { response, command };
}

/** A token request as a partner sends it. */
export function tokenRequest(body: string, headers: { [name: string]: string } = {}): Sent {
  return {
    method: 'POST',
    path: '/v1/oauth/accesstoken',
    headers: { 'content-type': FORM, ...headers },
    body,
  };
}

export function problemRequest(path: string, accept?: string): ProblemRequest {
  return {
    ...wireRequest({ path, headers: accept === undefined ? {} : { accept } }),
    authority: 'api.broker.example',
  };
}

export function refusal(code: RefusalCode, more: Partial<Refusal> = {}): Result<never> {
  return refused({ code, rule: 'a.rule', reason: 'a private reason', ...more });
}

export const ok = accepted;

export function headerOf({ headers }: WireResponse, name: string): string | undefined {
  return headers.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
}
