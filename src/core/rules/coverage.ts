/** Which accounts an app may use in a customer's name, at the moment of each request. */
import type { App } from '../kinds/app.ts';
import type { Customer } from '../kinds/customer.ts';

/**
 * All of her own, or, through an app of type advisor, exactly those that their owners have
 * delegated to her (contract §4, §11). A personal token (no app) covers her own.
 */
export function coveredAccounts(customer: Customer, app: App | undefined): readonly string[] {
  return app?.type === 'advisor' ? customer.delegated_accounts : customer.accounts;
}
