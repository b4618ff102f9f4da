/** Finding what an act names. Look-ups for people; the decision reads the record again. */
import { NO_CUSTOMER } from '../../core/decide/manage/manage-customer.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Kind, Kinds } from '../../core/kinds/kinds.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { ListPage } from '../../ports/store.ts';
import type { Deps } from '../deps.ts';

const PAGE = 500;

export async function readOne<K extends Kind>(
  deps: Deps,
  kind: K,
  id: string,
): Promise<Kinds[K] | undefined> {
  const [stored] = await deps.store.read([{ kind, id }]);
  return stored?.value as Kinds[K] | undefined;
}

/** By id, else by public number, else by login name. */
export async function findCustomer(deps: Deps, text: string): Promise<Result<Customer>> {
  const by_id = await readOne(deps, 'customer', text);
  if (by_id !== undefined) return accepted(by_id);
  const numbered = /^[1-9][0-9]{14}$/.test(text)
    ? await readOne(deps, 'customer-number', text)
    : undefined;
  const by_number = numbered && await readOne(deps, 'customer', numbered.customer);
  if (by_number !== undefined) return accepted(by_number);
  const name = canonicalLoginName(text);
  const named = name === null ? undefined : await readOne(deps, 'login-name', name);
  const customer = named && await readOne(deps, 'customer', named.customer);
  return customer === undefined ? refused(NO_CUSTOMER) : accepted(customer);
}

/** Every record of a kind whose id begins so. For kinds of which there are few. */
export async function listAll<K extends Kind>(
  { store }: Pick<Deps, 'store'>,
  kind: K,
  prefix: string,
): Promise<readonly { readonly id: string; readonly value: Kinds[K] }[]> {
  const found: { readonly id: string; readonly value: Kinds[K] }[] = [];
  let after: string | null = null;
  do {
    const page: ListPage<K> = await store.list(kind, { prefix, after, limit: PAGE });
    found.push(...page.records);
    after = page.next;
  } while (after !== null);
  return found;
}
