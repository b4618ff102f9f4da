/** What the store holds, as the models would say it, and what must hold of it in any case. */
import assert from 'node:assert/strict';
import { linkId } from '../../src/core/kinds/kinds.ts';
import { unpackEvents } from '../../src/store/trail/pack-events.ts';
import { customerWithPassword } from '../flows/house.ts';
import type { Day } from './customers-day.ts';
import { type AppName, LIVE_GRANTS_MAX, type Model } from './model.ts';

const APPS: readonly AppName[] = ['A', 'B'];
const CUSTOMER = customerWithPassword().id;
const ALL = { prefix: '', after: null, limit: 1_000_000 };

/** Names of codes and personal tokens whose text somebody got. */
export function namesHeld(day: Day): ReadonlySet<string> {
  return new Set([...day.codes, ...day.personal].map((one) => one.name));
}

/** The part of a model that records show, in the same words; codes that were lost are counted. */
export function shownByModel(model: Model, held: ReadonlySet<string>) {
  const { status, standing, credentials, apps, codes, grants, links, personal } = model;
  const entries = Object.entries(codes);
  return {
    status, standing, credentials, apps, links,
    personal: personal === null || held.has(personal) ? personal : 'lost',
    codes: Object.fromEntries(
      entries.filter(([name]) => held.has(name)).map(([name, code]) => [name, code.state]),
    ),
    lost_codes: entries.filter(([name]) => !held.has(name)).length,
    grants: Object.fromEntries(Object.entries(grants).map(([name, { ended, last, refreshes }]) =>
      [name, { ended, last, refreshes }])),
  };
}

export async function shownByStore(day: Day): Promise<ReturnType<typeof shownByModel>> {
  const { house } = day;
  const customer = await house.record('customer', CUSTOMER);
  assert.ok(customer && (customer.status === 'active' || customer.status === 'locked'));
  const codes: { [name: string]: Model['codes'][string]['state'] } = {};
  const grants: ReturnType<typeof shownByModel>['grants'] = {};
  const names = new Map<string, string>();
  for (const { name, text } of day.codes) {
    const id = recordId(day, text);
    const code = await house.record('code', id);
    if (code === undefined) continue;
    const unused = code.state.is === 'unspent' || code.state.is === 'ended';
    const expired = unused && house.clock.ms >= code.expires_at;
    codes[name] = expired ? 'expired' : code.state.is;
    if (code.state.is !== 'spent' && code.state.is !== 'replayed') continue;
    names.set(code.state.grant, name);
    const grant = await house.record('grant', code.state.grant);
    assert.ok(grant, 'a spent code has its grant');
    grants[name] = {
      ended: grant.state.is === 'ended', last: grant.last_number,
      refreshes: grant.refresh !== null,
    };
  }
  const links = { A: [] as string[], B: [] as string[] };
  const apps = {} as { [A in AppName]: Model['apps'][A] };
  for (const app of APPS) {
    const link = await house.record('link', linkId(CUSTOMER, day.apps[app].id));
    links[app] = (link?.grants ?? []).map((id) => names.get(id) ?? id);
    const record = await house.record('app', day.apps[app].id);
    assert.ok(record);
    const { approved: refresh_approved, epoch: refresh } = record.refresh;
    const approved = record.status === 'approved';
    apps[app] = { approved, epoch: record.epoch, refresh_approved, refresh };
  }
  return {
    status: customer.status, ...customer.epochs, apps, links,
    personal: personalName(day, customer.personal_token?.digest), codes, grants,
    lost_codes: await newlyLost(day),
  };
}

function personalName(day: Day, digest: string | undefined): string | null {
  if (digest === undefined) return null;
  const { handles } = day.house.flows.deps;
  const held = day.personal.find(({ text }) => {
    const opened = handles.open('pt', text);
    return typeof opened !== 'string' && opened.digest === digest;
  });
  return held?.name ?? 'lost';
}

/** Codes that were issued to nobody since this was last asked. */
async function newlyLost(day: Day): Promise<number> {
  const { records } = await day.house.store.list('code', ALL);
  const lost = records.length - day.codes.length;
  const fresh = lost - day.lost_codes;
  day.lost_codes = lost;
  return fresh;
}

/** Invariants that need no model. */
export async function assertInvariants(day: Day): Promise<void> {
  const { house } = day;
  for (const app of APPS) {
    const link = await house.record('link', linkId(CUSTOMER, day.apps[app].id));
    const grants = link?.grants ?? [];
    assert.ok(grants.length <= LIVE_GRANTS_MAX);
    for (const id of grants) {
      const grant = await house.record('grant', id);
      assert.equal(grant?.state.is, 'live', 'a link lists grants that have not ended');
    }
    for (const { text } of day.codes) {
      const id = recordId(day, text);
      const code = await house.record('code', id);
      const pends = code?.app === day.apps[app].id && code.state.is === 'unspent' &&
        house.clock.ms < code.expires_at;
      if (!pends) continue;
      assert.ok(link?.pending.some((one) => one.code === id), 'a link lists codes that pend');
    }
  }
}

/** Each change has its event, in the same commit, and no event is without its change. */
export async function assertTrail(day: Day): Promise<void> {
  const { store } = day.house;
  const rows = await store.events(null, 1_000_000);
  const counts = new Map<string, number>();
  for (const event of rows.flatMap(unpackEvents)) {
    counts.set(event.action, (counts.get(event.action) ?? 0) + 1);
  }
  const codes = (await store.list('code', ALL)).records.map((record) => record.value);
  const grants = (await store.list('grant', ALL)).records.map((record) => record.value);
  const states = (...names: string[]) => codes.filter((code) => names.includes(code.state.is));
  assert.equal(counts.get('code.issued') ?? 0, codes.length);
  assert.equal(counts.get('code.redeemed') ?? 0, grants.length);
  assert.equal(states('spent', 'replayed').length, grants.length);
  assert.equal(counts.get('code.replayed') ?? 0, states('replayed').length);
  const refreshes = grants.reduce((sum, grant) => sum + grant.last_number - 1, 0);
  assert.equal(counts.get('token.refreshed') ?? 0, refreshes);
}

function recordId(day: Day, text: string): string {
  const opened = day.house.flows.deps.handles.open('code', text);
  assert.ok(typeof opened !== 'string');
  return opened.shard + opened.record;
}
