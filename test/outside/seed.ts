/** The fixtures in the form of the seed file. */
import { APPS, CUSTOMERS } from './fixtures.ts';
import type { App, Customer } from './fixtures.ts';

/** Records for `--seed` or the control listener; `extra` apps and customers are added. */
export function seedRecords(
  apps: readonly App[] = Object.values(APPS),
  customers: readonly Customer[] = Object.values(CUSTOMERS),
): object {
  return { customers: customers.map(customerRecord), apps: apps.map(appRecord) };
}

function customerRecord(customer: Customer): object {
  const accounts = (numbers: readonly string[]): object[] =>
    numbers.map((number) => ({ number, type: 'margin', classification: 'individual' }));
  return {
    login_name: customer.login_name,
    name: customer.name,
    password: customer.password,
    status: customer.status,
    accounts: { live: accounts(customer.accounts.live), paper: accounts(customer.accounts.paper) },
  };
}

function appRecord(app: App): object {
  return {
    id: app.id,
    secret: app.secret,
    name: app.name,
    redirect_uris: app.redirect_uris,
    scopes: app.scopes.split(' '),
    worlds: app.worlds,
    status: app.status,
    refresh_approved: app.refresh_approved ? app.worlds : [],
    redirect_uri_mode: app.redirect_uri_mode,
    response_iss: app.response_iss,
  };
}
