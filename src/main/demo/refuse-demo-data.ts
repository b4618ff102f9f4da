/** The demo's secrets are public: `serve` does not start on data that holds one (AD-09). */
import { BootError } from '../../core/boot-error.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import { canonicalLoginName } from '../../core/rules/login-name.ts';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import type { Deps } from '../../flows/deps.ts';
import type { OpenWorld } from '../open-world.ts';
import { DEMO, DEMO_SEED } from './demo-data.ts';

/** Also finds demo records in files that were carried away from their data directory. */
export async function refuseDemoData(
  worlds: readonly Pick<OpenWorld, 'name' | 'flows'>[],
): Promise<void> {
  for (const { name, flows } of worlds) {
    const found = demoApp(flows.deps) ?? demoApiKey(flows.deps) ?? await demoCustomer(flows.deps);
    if (found === null) continue;
    throw new BootError(
      `the ${name} data holds the demo's ${found}, whose secret is public: ` +
        'begin with a data directory of its own (countersign init)',
    );
  }
}

function demoApp({ work, digests }: Deps): string | null {
  for (const { id, secret } of [DEMO.charts, DEMO.trader, DEMO.desk]) {
    const digest = digests.sha256(secret);
    const app = work.resident.app(id);
    if (app?.secrets.some((one) => one.digest === digest)) return `app ${app.name}`;
  }
  return null;
}

function demoApiKey({ work, digests }: Deps): string | null {
  const { cid, sec } = DEMO.api_key;
  const secret = work.resident.apiKey(String(cid))?.secret;
  const found =
    secret?.is === 'digest' && equalInConstantTime(secret.digest, digests.sha256(sec));
  return found ? `API key ${cid}` : null;
}

async function demoCustomer({ store, passwords }: Deps): Promise<string | null> {
  for (const { login_name } of DEMO_SEED.customers) {
    const id = canonicalLoginName(login_name) ?? '';
    const [named] = await store.read([{ kind: 'login-name', id }]);
    if (named === undefined) continue;
    const { customer } = named.value as { readonly customer: string };
    const [stored] = await store.read([{ kind: 'customer', id: customer }]);
    const hash = (stored?.value as Customer | undefined)?.password_hash;
    if (hash !== undefined && await passwords.verify(hash, DEMO.password)) {
      return `customer ${login_name}`;
    }
  }
  return null;
}
