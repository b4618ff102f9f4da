/** The same logical requests, one after another, through both dialects: the same decisions. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { APPS } from '../../../outside/fixtures.ts';
import * as tradier from '../../../outside/tradier.ts';
import { exchange, refresh, tokensOf, userinfo } from '../../../outside/tradovate.ts';
import { createLab } from './lab.ts';
import { BOTH, startBoth } from '../site.ts';

const server = await startBoth();
after(server.stop);
const lab = createLab(server);
const { live } = lab;
const { A2 } = APPS;

/** What one client holds of one consent. */
type Client = {
  code: string;
  refresh_token: string;
  access_token: string;
  readonly app: string;
  /** Each says whether it was accepted, and keeps what it was given. */
  readonly exchange: () => Promise<boolean>;
  readonly refresh: () => Promise<boolean>;
  readonly use: () => Promise<boolean>;
  readonly consent: () => Promise<void>;
};

type Tokens = { readonly access_token: string; readonly refresh_token?: string };

function keep(client: Client, read: () => Tokens): boolean {
  try {
    const { access_token, refresh_token } = read();
    client.access_token = access_token;
    client.refresh_token = refresh_token ?? client.refresh_token;
    return true;
  } catch {
    return false;
  }
}

function tradierClient(): Client {
  const client: Client = {
    code: '', refresh_token: 'none', access_token: 'none', app: A2.id,
    async exchange() {
      const answer = await tradier.exchange(live, A2, client.code);
      return keep(client, () => tradier.tokens(answer));
    },
    async refresh() {
      const answer = await tradier.refresh(live, A2, client.refresh_token);
      return keep(client, () => tradier.tokens(answer));
    },
    use: async () => (await tradier.profile(live, client.access_token)).status === 200,
    async consent() {
      client.code = (await lab.customer(live).allow(A2)).code;
    },
  };
  return client;
}

function tradovateClient(): Client {
  const client: Client = {
    code: '', refresh_token: 'none', access_token: 'none', app: BOTH.id,
    async exchange() {
      const answer = await exchange(live, BOTH, client.code);
      return keep(client, () => tokensOf(answer));
    },
    async refresh() {
      const answer = await refresh(live, BOTH, client.refresh_token);
      return keep(client, () => tokensOf(answer));
    },
    use: async () => (await userinfo(live, client.access_token)).status === 200,
    async consent() {
      client.code = (await lab.trader(live).allow(BOTH)).code;
    },
  };
  return client;
}

/** A step tells what was decided, or null where only the state changes. */
type Step = (client: Client) => Promise<boolean | null>;

const changed = async (done: Promise<unknown>): Promise<null> => {
  await done;
  return null;
};

const setStatus = (status: string): Step => () =>
  changed(lab.act('customer.set-status', { customer: 'alice', status }));

/** The first exchange, and each one after it, which is a replay, have one name here. */
const STEPS = {
  exchange: (client) => client.exchange(),
  refresh: (client) => client.refresh(),
  use: (client) => client.use(),
  withdraw: ({ app }) => changed(lab.act('grant.end', { customer: 'alice', app })),
  lock: setStatus('locked'),
  unlock: setStatus('active'),
  disable: ({ app }) => changed(lab.act('app.disable', { app })),
  approve: ({ app }) => changed(lab.act('app.approve', { app })),
  /** Twelve of them are still within the shorter life of a code. */
  wait: () => changed(server.control.advance(20)),
} as const satisfies { readonly [name: string]: Step };

type StepName = keyof typeof STEPS;

/** Uses outnumber what ends everything, so that sequences go on for a while. */
const steps = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<StepName>('exchange', 'refresh', 'use') },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(STEPS) as StepName[]) },
), { minLength: 4, maxLength: 12 });

/** Acts that refuse to do what is done already change nothing. */
async function decide(name: StepName, client: Client): Promise<boolean | null> {
  try {
    return await STEPS[name](client);
  } catch (error) {
    assert.match(String(error), /state_conflict|409/, name);
    return null;
  }
}

async function reset(clients: readonly Client[]): Promise<void> {
  await decide('unlock', clients[0] ?? assert.fail());
  for (const client of clients) {
    await decide('approve', client);
    await client.consent();
  }
}

const RUNS = 40;

test('P-13 both dialects decide the same sequence of requests alike', async () => {
  const seen = { accepted: 0, refused: 0 };
  await fc.assert(fc.asyncProperty(steps, async (names) => {
    const clients = [tradierClient(), tradovateClient()];
    await reset(clients);
    for (const [at, name] of names.entries()) {
      const decided: (boolean | null)[] = [];
      const shared = name === 'wait' || name === 'lock' || name === 'unlock';
      for (const client of shared ? clients.slice(0, 1) : clients) {
        decided.push(await decide(name, client));
      }
      const [ours, theirs = ours] = decided;
      assert.equal(ours, theirs, `step ${at} of ${names.join(', ')}: ${name}`);
      if (ours === true) seen.accepted += 1;
      if (ours === false) seen.refused += 1;
    }
  }), { numRuns: RUNS });
  assert.ok(seen.accepted > RUNS / 2 && seen.refused > RUNS / 2, JSON.stringify(seen));
});
