/**
 * Judges a whole seed document before anything of it is stored: its shape, the rules of every
 * registration in it, and what it lists twice.
 */
import { refuseApp, refuseSecret } from '../decide/manage/app-rules.ts';
import {
  refuseAccountDraft, refuseCustomerDraft, refusePassword,
} from '../decide/manage/customer-rules.ts';
import { canonicalLoginName } from '../rules/login-name.ts';
import { type Refusal, type Result, accepted, refused } from '../rules/refusals.ts';
import { ALL_SCOPES, scopeWords } from '../rules/scopes.ts';
import { WORLD_NAMES, type WorldName } from '../world.ts';
import {
  SEED_SHAPE, type Seed, type SeedAccount, type SeedApp, type SeedCustomer,
} from './seed-form.ts';
import { shapeFault } from './shape.ts';

/** The document, typed, or a refusal whose reason begins with the path of what is wrong. */
export function readSeed(value: unknown): Result<Seed> {
  const fault = shapeFault(SEED_SHAPE, value, '');
  if (fault !== null) return refuseSeed('seed.shape', fault);
  const seed = value as Seed;
  for (const [place, customer] of (seed.customers ?? []).entries()) {
    const refusal = customerRefusal(customer);
    if (refusal !== null) return at(`customers[${place}]`, refusal);
  }
  for (const [place, app] of (seed.apps ?? []).entries()) {
    const refusal = appRefusal(app);
    if (refusal !== null) return at(`apps[${place}]`, refusal);
  }
  const twice = doubled(seed);
  return twice === null ? accepted(seed) : refuseSeed('seed.distinct', twice);
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

function customerRefusal(customer: SeedCustomer): Refusal | null {
  const refusal = refuseCustomerDraft(customer) ?? refusePassword(customer);
  if (refusal !== null) return refusal;
  for (const { number } of accountsOf(customer)) {
    const account = refuseAccountDraft({ account: number });
    if (account !== null) return { ...account, reason: `account ${number}: ${account.reason}` };
  }
  return null;
}

function appRefusal(app: SeedApp): Refusal | null {
  return refuseApp({
    client_id: app.id,
    // Which dialects there are is the server's to say.
    dialect: app.dialect ?? 'first',
    name: app.name,
    home_page: app.home_page ?? null,
    logo: app.logo ?? null,
    redirect_uris: app.redirect_uris,
    scopes: app.scopes ?? scopeWords(ALL_SCOPES),
  }) ?? refuseSecret(app.secret);
}

function doubled({ customers = [], apps = [] }: Seed): string | null {
  const id = firstTwice(apps.map((app) => app.id));
  if (id !== null) return `apps: id ${id} stands twice`;
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
