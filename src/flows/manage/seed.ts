/** Stores a judged seed in one world, through the same acts that operators use. */
import type { WorldName } from '../../core/world.ts';
import { apiKeyWorlds, appWorlds, customerWorlds } from '../../core/seed/judge-seed.ts';
import type {
  Seed, SeedAccount, SeedApiKey, SeedApp, SeedCustomer,
} from '../../core/seed/seed-form.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { PasswordsBusy } from '../../ports/passwords.ts';
import type { Deps } from '../deps.ts';
import { runAct } from './run-act.ts';

export type Seeded = {
  readonly apps: number;
  readonly api_keys: number;
  /** Ids that were drawn, by login name. */
  readonly customers: { readonly [login_name: string]: string };
  readonly accounts: number;
};

/** Records stored at once; each customer's password is hashed in the bounded pool. */
const AT_ONCE = 4;

/** Stores everything of the seed that belongs to this world. Ask `firstTaken` before. */
export async function seedWorld(
  deps: Deps,
  seed: Seed,
  dialects: { readonly app: string; readonly api_key: string },
): Promise<Seeded> {
  const { apps, api_keys, customers, accounts } = ofWorld(seed, deps.world.name);
  const ids: { [login_name: string]: string } = {};
  await inTurns(customers, async (customer) => {
    ids[customer.login_name] = await seedCustomer(deps, customer);
  });
  await inTurns(apps, (app) => seedApp(deps, app, dialects.app));
  await inTurns(api_keys, (key) => seedApiKey(deps, key, dialects.api_key));
  return {
    apps: apps.length,
    api_keys: api_keys.length,
    customers: ids,
    accounts: accounts.length,
  };
}

/** What of the seed exists in this world already, in words, or null. */
export async function firstTaken(deps: Deps, seed: Seed): Promise<string | null> {
  const { apps, api_keys, customers, accounts } = ofWorld(seed, deps.world.name);
  const keys: RecordKey[] = [
    ...api_keys.map(({ cid }): RecordKey => ({ kind: 'api-key', id: String(cid) })),
    ...apps.map(({ id }): RecordKey => ({ kind: 'app', id })),
    ...customers.map(({ login_name }): RecordKey => ({
      kind: 'login-name', id: canonicalLoginName(login_name) ?? '',
    })),
    ...accounts.map(({ number }): RecordKey => ({ kind: 'account', id: number })),
  ];
  const records = keys.length === 0 ? [] : await deps.store.read(keys);
  const key = keys[records.findIndex((record) => record !== undefined)];
  return key === undefined ? null : `${key.kind} ${key.id}`;
}

function ofWorld(seed: Seed, world: WorldName) {
  const customers = (seed.customers ?? []).filter((one) => customerWorlds(one).includes(world));
  return {
    customers,
    api_keys: (seed.api_keys ?? []).filter((one) => apiKeyWorlds(one).includes(world)),
    apps: (seed.apps ?? []).filter((one) => appWorlds(one).includes(world)),
    accounts: customers.flatMap((customer) => customer.accounts?.[world] ?? []),
  };
}

async function seedCustomer(deps: Deps, customer: SeedCustomer): Promise<string> {
  const { accounts: _accounts, status = 'active', ...rest } = customer;
  const world: WorldName = deps.world.name;
  const made = await must(deps, 'customer.create', rest);
  const id = String(made['customer']);
  for (const account of customer.accounts?.[world] ?? []) await seedAccount(deps, id, account);
  if (status !== 'active') await must(deps, 'customer.set-status', { customer: id, status });
  return id;
}

async function seedAccount(deps: Deps, customer: string, given: SeedAccount): Promise<void> {
  const { number: account, status = 'active', ...rest } = given;
  await must(deps, 'account.create', { ...rest, account, customer });
  if (status === 'closed') await must(deps, 'account.close', { account });
}

async function seedApp(deps: Deps, app: SeedApp, dialect: string): Promise<void> {
  const { id, worlds: _worlds, status = 'approved', refresh_approved = [], ...rest } = app;
  await must(deps, 'app.create', { dialect, ...rest, client_id: id });
  if (status === 'approved') await must(deps, 'app.approve', { app: id });
  if (status === 'disabled') await must(deps, 'app.disable', { app: id });
  if (refresh_approved.includes(deps.world.name)) {
    await must(deps, 'approval.grant', { app: id });
  }
}

async function seedApiKey(deps: Deps, key: SeedApiKey, dialect: string): Promise<void> {
  const { cid, sec: secret, app_id: name, worlds: _worlds, ...rest } = key;
  await must(deps, 'api-key.create', { dialect, ...rest, cid: String(cid), secret, name });
}

/** An act that the judged seed cannot make fail: a refusal here is a fault. */
async function must(
  deps: Deps,
  act: string,
  args: { readonly [name: string]: unknown },
): Promise<{ readonly [name: string]: unknown }> {
  const result = await whenFree(() =>
    runAct(deps, { act, args }, { address: 'local', request_id: 'seed' }));
  if (result.ok) return result.value;
  throw new Error(`seed: ${act} was refused: ${result.refusal.reason}`);
}

/** A seed may wait for the password pool, however small its queue is set. */
async function whenFree<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof PasswordsBusy)) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function inTurns<T>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function take(): Promise<void> {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await run(item);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}
