/**
 * Judges a whole seed document before anything of it is stored: its shape, the rules of every
 * registration in it, and what it lists twice.
 */
import {
  type ApiKeyDraft, PARTNER, refuseApiKeyDraft,
} from '../decide/manage/api-key-rules.ts';
import { type Registrations, refuseApp, refuseSecret } from '../decide/manage/app-rules.ts';
import {
  type CustomerDraft, refuseAccountDraft, refuseCustomerDraft, refusePassword,
} from '../decide/manage/customer-rules.ts';
import { canonicalLoginName } from '../rules/login-name.ts';
import { type Refusal, type Result, accepted, refused } from '../rules/refusals.ts';
import { WORLD_NAMES, type WorldName } from '../world.ts';
import {
  SEED_SHAPE, type Seed, type SeedAccount, type SeedApiKey, type SeedApp, type SeedCustomer,
} from './seed-form.ts';
import { shapeFault } from './shape.ts';

/** The document, typed, or a refusal whose reason begins with the path of what is wrong. */
export function readSeed(value: unknown, registrations: Registrations): Result<Seed> {
  const fault = shapeFault(SEED_SHAPE, value, '');
  if (fault !== null) return refuseSeed('seed.shape', fault);
  const seed = value as Seed;
  for (const [place, customer] of (seed.customers ?? []).entries()) {
    const refusal = customerRefusal(customer);
    if (refusal !== null) return at(`customers[${place}]`, refusal);
  }
  for (const [place, app] of (seed.apps ?? []).entries()) {
    const refusal = appRefusal(app, registrations);
    if (refusal !== null) return at(`apps[${place}]`, refusal);
  }
  for (const [place, key] of (seed.api_keys ?? []).entries()) {
    const { password, app_id } = key;
    const refusal = refuseApiKeyDraft(apiKeyDraft(key)) ??
      (password === undefined ? null : refusePassword({ password, login_name: app_id }));
    if (refusal !== null) return at(`api_keys[${place}]`, refusal);
  }
  const twice = doubled(seed);
  return twice === null ? accepted(seed) : refuseSeed('seed.distinct', twice);
}

export function apiKeyWorlds({ worlds = WORLD_NAMES }: SeedApiKey): readonly WorldName[] {
  return worlds;
}

function apiKeyDraft(key: SeedApiKey): ApiKeyDraft {
  return {
    id: String(key.cid),
    name: key.app_id,
    secret: key.sec,
    partner: key.owner === PARTNER,
    first_party: key.first_party ?? false,
    challenge_required: key.challenge_required ?? false,
    has_password: key.password !== undefined,
  };
}

/** Worlds a customer exists in. */
export function customerWorlds({ accounts }: SeedCustomer): readonly WorldName[] {
  if (accounts === undefined) return WORLD_NAMES;
  return WORLD_NAMES.filter((world) => accounts[world] !== undefined);
}

export function appWorlds({ worlds = WORLD_NAMES }: SeedApp): readonly WorldName[] {
  return worlds;
}

/** Her accounts of all worlds. */
function accountsOf({ accounts }: SeedCustomer): readonly SeedAccount[] {
  return WORLD_NAMES.flatMap((world) => accounts?.[world] ?? []);
}

/** A customer as she would be registered. */
export function seedCustomerDraft(customer: SeedCustomer): CustomerDraft {
  const { login_name, name, email = null, email_verified = false } = customer;
  const { is_trial = false, sim_plus = false, funded = false, market_data = false } = customer;
  return {
    login_name, name, email, email_verified,
    features: { is_trial, sim_plus, funded, market_data },
  };
}

function customerRefusal(customer: SeedCustomer): Refusal | null {
  const refusal = refuseCustomerDraft(seedCustomerDraft(customer)) ?? refusePassword(customer);
  if (refusal !== null) return refusal;
  for (const { number } of accountsOf(customer)) {
    const account = refuseAccountDraft({ account: number });
    if (account !== null) return { ...account, reason: `account ${number}: ${account.reason}` };
  }
  return null;
}

function appRefusal(app: SeedApp, registrations: Registrations): Refusal | null {
  const { dialect = registrations.first, authentication = 'client_secret' } = app;
  const registration = registrations.of[dialect];
  if (registration === undefined) {
    const reason = `must be one of: ${Object.keys(registrations.of).join(', ')}`;
    return { code: 'act_malformed', rule: 'app.dialect', parameter: 'dialect', reason };
  }
  const refusal = refuseApp({
    client_id: app.id,
    dialect,
    name: app.name,
    home_page: app.home_page ?? null,
    logo: app.logo ?? null,
    redirect_uris: app.redirect_uris,
    scopes: app.scopes ?? registration.default_scopes ?? [],
    authentication,
    resources: app.resources ?? [],
    redirect_uri_mode: app.redirect_uri_mode ?? 'strict',
  }, registration);
  if (refusal !== null) return refusal;
  if (authentication === 'none') return app.secret === undefined ? null : NO_SECRET;
  return refuseSecret(app.secret ?? '');
}

const NO_SECRET: Refusal = {
  code: 'act_malformed',
  rule: 'secret.none',
  parameter: 'secret',
  reason: 'an app whose authentication is none has no secret: leave it out',
};

function doubled({ customers = [], apps = [], api_keys = [] }: Seed): string | null {
  const id = firstTwice(apps.map((app) => app.id));
  if (id !== null) return `apps: id ${id} stands twice`;
  const cids = api_keys.map(({ cid }) => String(cid));
  const key = firstTwice([...cids, ...apps.map((app) => app.id)]);
  if (key !== null) return `api_keys: ${key} stands twice, or is the id of an app`;
  const name = firstTwice(customers.map((one) => canonicalLoginName(one.login_name) ?? ''));
  if (name !== null) return `customers: login_name ${name}, or one that looks the same, twice`;
  for (const world of WORLD_NAMES) {
    const numbers = customers.flatMap((one) => one.accounts?.[world] ?? [])
      .map((account) => account.number);
    const number = firstTwice(numbers);
    if (number !== null) return `accounts.${world}: number ${number} stands twice`;
  }
  return null;
}

function firstTwice(words: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const word of words) {
    if (seen.has(word)) return word;
    seen.add(word);
  }
  return null;
}

function at(path: string, { rule, reason, parameter }: Refusal): Result<never> {
  const place = parameter === undefined ? path : `${path}.${parameter}`;
  return refuseSeed(rule, `${place}: ${reason}`);
}

function refuseSeed(rule: string, reason: string): Result<never> {
  return refused({ code: 'act_malformed', rule, reason });
}
