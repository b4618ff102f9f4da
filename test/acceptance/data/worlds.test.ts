/** Live and paper: what they have apart, and that a mistake between them is cheap (EI, P-06). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createBrowser } from '../../outside/browser.ts';
import { call } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import { exchange, profile, refresh } from '../../outside/tradier.ts';
import { startServer } from '../../world.ts';
import { dumpWorld, trailRows } from './dump.ts';
import { customerIn } from '../tradier/customer.ts';

const server = await startServer();
after(server.stop);
const { live, paper, control } = server;
const { A2 } = APPS;
const u1 = { live: customerIn(live, 'u1'), paper: customerIn(paper, 'u1') };

const storeCalls = async (world: WorldSite): Promise<object> => {
  const { reads, commits, lists, bumps } =
    (await control.counts())[world.name] as { [name: string]: number };
  return { reads, commits, lists, bumps };
};

test('EI-01 each world has its own authority, cookies, keys, data, limits and chain', async () => {
  assert.notEqual(live.origin, paper.origin);
  await u1.live.connections();
  await u1.paper.connections();
  const names = [...u1.live.browser.cookies.keys(), ...u1.paper.browser.cookies.keys()];
  assert.deepEqual(names.toSorted(), [
    'cs_live_flow-dev', 'cs_live_login-dev', 'cs_paper_flow-dev', 'cs_paper_login-dev',
  ]);
  const hash = (file: string) =>
    createHash('sha256').update(readFileSync(join(server.data, file))).digest('hex');
  assert.notEqual(hash('keys/live.key'), hash('keys/paper.key'));
  for (const world of ['live', 'paper']) {
    assert.equal(statSync(join(server.data, 'keys', `${world}.key`)).mode & 0o777, 0o400);
    assert.ok(statSync(join(server.data, `${world}.sqlite`)).isFile());
  }
  const sealed = (world: 'live' | 'paper') => dumpWorld(server.data, world)
    .filter(({ table }) => table === 'key').map(({ values }) => String(values));
  assert.ok(sealed('live').length >= 4, 'each world has its keys');
  for (const key of sealed('live')) assert.ok(!sealed('paper').includes(key));
  const hashes = (world: 'live' | 'paper') =>
    trailRows(server.data, world).map((row) => row.hash);
  const shared = hashes('live').filter((one) => hashes('paper').includes(one));
  assert.deepEqual(shared, [], 'two chains');
  // Limits: failures in one world are none in the other.
  const wrong = { ...A2, basic: `Basic ${btoa(`${A2.id}:wrong`)}` };
  for (let i = 0; i < 61; i++) await exchange(paper, wrong, 'x');
  assert.equal((await exchange(paper, A2, 'x')).status, 429);
  assert.equal((await exchange(live, A2, 'x')).status, 400);
});

test('EI-03 a value of the other world is refused by its prefix, with no query', async () => {
  const { access_token, refresh_token = '' } = await u1.paper.link(APPS.A2).catch(async () => {
    // The row above has used up paper's failures for a minute.
    await control.advance(61);
    return await u1.paper.link(APPS.A2);
  });
  const { code } = await u1.paper.allow(A2);
  const before = await storeCalls(live);
  const foreign = [
    await profile(live, access_token), await refresh(live, A2, refresh_token),
    await exchange(live, A2, code),
  ];
  assert.deepEqual(await storeCalls(live), before, 'no store call');
  const unknown = [
    await profile(live, `${access_token.replace('paper', 'live')}x`),
    await refresh(live, A2, 'unknown'), await exchange(live, A2, 'unknown'),
  ];
  foreign.forEach((answer, i) => {
    assert.equal(answer.status, unknown[i]?.status);
    assert.equal(answer.text, unknown[i]?.text, 'the answer for an unknown value');
  });
});

type Given = { readonly world: WorldSite; readonly kind: string; readonly text: string };

/** Ways to present a value; the answer says whether it was taken for good. */
const TAKES: readonly ((world: WorldSite, text: string) => Promise<boolean>)[] = [
  async (world, text) => (await profile(world, text)).status === 200,
  async (world, text) => (await refresh(world, A2, text)).status === 200,
  async (world, text) => (await exchange(world, A2, text)).status === 200,
  async (world, text) => {
    const names = ['flow', 'login'].map((name) => `cs_${world.name}_${name}-dev=${text}`);
    const headers = [['Cookie', names.join('; ')]] as const;
    return (await call(world.origin, { path: '/connections', headers })).status === 200;
  },
  async (world, text) => {
    const browser = createBrowser(world);
    const visit = await browser.open(`/oauth/authorize?client_id=${A2.id}&request=${text}`);
    return visit.answer.status === 200;
  },
];

test('P-06 nothing of one world is taken by the other, whatever is tried where', async () => {
  await control.advance(61);
  const given: Given[] = [];
  for (const [name, customer] of Object.entries(u1)) {
    const world = name === 'live' ? live : paper;
    const { access_token, refresh_token = '' } = await customer.link(A2);
    const { code } = await customer.allow(A2);
    const personal = await customer.newPersonalToken();
    await customer.ask(A2);
    const fields = new Map(customer.browser.form('consent').fields);
    const values = {
      access_token, refresh_token, code, personal, request: fields.get('request') ?? '',
      ...Object.fromEntries(customer.browser.cookies),
    };
    for (const [kind, text] of Object.entries(values)) given.push({ world, kind, text });
  }
  const index = fc.nat(given.length - 1);
  await fc.assert(fc.asyncProperty(index, fc.nat(TAKES.length - 1), fc.nat(60),
    async (which, how, cut) => {
      const { world, kind, text } = given[which] as Given;
      const other = world === live ? paper : live;
      const take = TAKES[how] as (typeof TAKES)[number];
      // As it is, or with its prefix rewritten to the other world's, whole or cut short.
      const renamed = text.replace(`cs_${world.name}_`, `cs_${other.name}_`);
      for (const tried of [text, renamed, renamed.slice(0, renamed.length - cut)]) {
        assert.equal(await take(other, tried), false, `${kind} of ${world.name}`);
      }
    }), { numRuns: 300 });
  // The same values are good at home.
  const [access, refresh_value] = given;
  assert.equal(await TAKES[0]?.(live, access?.text ?? ''), true);
  assert.equal(await TAKES[1]?.(live, refresh_value?.text ?? ''), true);
});
