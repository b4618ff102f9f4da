/**
 * Every grant meets every check, in every dialect: each cell of the matrix is a request that
 * violates that check and nothing else, or says why none can.
 */
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, test } from 'node:test';
import {
  API_KEY_RULES, OPEN_SESSION_RULES,
} from '../../../../src/core/decide/session/open-session.ts';
import { RENEW_RULES } from '../../../../src/core/decide/session/renew.ts';
import { CLIENT_RULES } from '../../../../src/core/decide/token/authenticate-client.ts';
import { CODE_RULES } from '../../../../src/core/decide/token/redeem-code.ts';
import { REFRESH_RULES } from '../../../../src/core/decide/token/refresh.ts';
import {
  GRANT_TYPE_RULES, TOKEN_REQUEST_RULES,
} from '../../../../src/core/decide/token/token-request.ts';
import { profileOf } from '../../../../src/dialects/tradovate/profile.ts';
import { TRADIER_PROFILE } from '../../../../src/dialects/tradier/profile.ts';
import { discover } from '../../../../tools/docs/discover.ts';
import { TRADOVATE, documentedDialects } from '../../../../tools/docs/dialects.ts';
import { ruleTables } from '../../../../tools/docs/rules.ts';
import { logLines } from '../../tradier/secrets.ts';
import type { LogLine } from '../../tradier/secrets.ts';
import { CHECKS, type Case, type Row, rowOf } from './cells.ts';
import { DIALECTS, DOORS, type Door, type DoorName, GRANTS, createLab } from './lab.ts';
import { PASSWORD, RENEW } from './session-cells.ts';
import { freshAddress, startBoth } from '../site.ts';
import { TRADIER_CODE, TRADIER_REFRESH } from './tradier-cells.ts';
import { TRADOVATE_CODE, TRADOVATE_REFRESH } from './tradovate-cells.ts';

const server = await startBoth();
after(server.stop);
const lab = createLab(server);

const MATRIX: { readonly [N in DoorName]: Row } = {
  'tradier authorization_code': TRADIER_CODE,
  'tradier refresh_token': TRADIER_REFRESH,
  'tradier renew': rowOf('this dialect has no renewal: its access tokens are refreshed'),
  'tradier password sign-in': rowOf('this dialect has no sign-in by password'),
  'tradovate authorization_code': TRADOVATE_CODE,
  'tradovate refresh_token': TRADOVATE_REFRESH,
  'tradovate renew': RENEW,
  'tradovate password sign-in': PASSWORD,
};

const TABLES = [
  GRANT_TYPE_RULES, TOKEN_REQUEST_RULES, CODE_RULES, REFRESH_RULES, RENEW_RULES, API_KEY_RULES,
  OPEN_SESSION_RULES, CLIENT_RULES,
];

/** Rules that no request at these doors can meet, and why. */
const OUT_OF_REACH: { readonly [rule: string]: string } = {
  'bearer.scope': 'renewal asks for no permission; the entities\' routes do (AT-V56)',
  'bearer.account': 'renewal names no account; the routes that do stand behind the gateway',
  'renew.signed': 'every token that is signed can be renewed, and no other form is read there',
};

const ROOT = resolve(import.meta.dirname, '../../../..');

test('CV-03 no dialect, grant type or rule table is without its rows', async () => {
  const dialects = documentedDialects().map(({ name }) => name).filter((name) => name !== 'pages');
  assert.deepEqual(dialects, DIALECTS);
  const tradovate = profileOf(TRADOVATE);
  for (const { grant_types } of [TRADIER_PROFILE, tradovate]) {
    for (const type of grant_types) assert.ok(GRANTS.includes(type), type);
  }
  const found = await discover(ROOT, 'src/core/decide/{token,session}/*.ts');
  const known = new Set(TABLES.flat().map(({ id }) => id));
  const rules = ruleTables(ROOT, found).flatMap(({ rows }) => rows.map(({ id }) => id));
  assert.ok(rules.length > 30);
  assert.deepEqual(rules.filter((id) => !known.has(id)), []);
});

test('CV-03 the sentences of the matrix rest on the profiles', () => {
  const { token_redirect_uri, refresh_policy, refresh_lifetime_s, grant_lifetime_s } =
    TRADIER_PROFILE;
  assert.deepEqual(
    { token_redirect_uri, refresh_policy, refresh_lifetime_s, grant_lifetime_s },
    {
      token_redirect_uri: 'ignored', refresh_policy: 'stable', refresh_lifetime_s: null,
      grant_lifetime_s: null,
    },
  );
  assert.equal(TRADIER_PROFILE.sessions, null, 'no renewal, no sign-in by password');
  assert.equal(TRADIER_PROFILE.access_tokens, 'sealed');
  assert.equal(profileOf(TRADOVATE).scope_policy, 'registered');
});

/** The log's line of the case's request, once it was refused in its dialect's form. */
async function refusedOf(door: Door, one: Case): Promise<LogLine> {
  const minted_in = one.minted_in === 'paper' ? lab.paper : lab.live;
  const value = await door.mint(lab, minted_in, one.asks);
  await one.before?.(lab, value);
  const change = await one.change?.(lab, value) ?? {};
  const members = { ...one.usual?.members, ...change.members };
  const { address = freshAddress() } = change;
  const answer = await door.send(value, { ...change, members }, { site: lab.live, address });
  await one.after?.(lab);
  one.refused(answer, lab.live);
  return lineFrom(address);
}

/** The last line of an address, which has said no; the log is written behind. */
async function lineFrom(address: string): Promise<LogLine> {
  for (let tries = 0; tries < 200; tries += 1) {
    const line = logLines(server).findLast((one) =>
      one['address'] === address && one['refusal'] !== undefined);
    if (line !== undefined) return line;
    await pause(5);
  }
  throw new Error('the log has no line of the request');
}

/** The same without what was violated. */
async function assertGood(door: Door, { asks, usual }: Case): Promise<void> {
  const value = await door.mint(lab, lab.live, asks);
  const at = { site: lab.live, address: freshAddress() };
  door.assertGood(await door.send(value, usual ?? {}, at));
}

const refusers = new Set<string>();

for (const dialect of DIALECTS) {
  for (const grant of GRANTS) {
    test(`CV-03 ${dialect}, ${grant}: every check refuses what violates it alone`, async (t) => {
      const name: DoorName = `${dialect} ${grant}`;
      const door = DOORS[name];
      for (const check of CHECKS) {
        const cell = MATRIX[name][check];
        if (typeof cell === 'string') {
          assert.ok(cell.length > 20, `${name}, ${check}: say why it does not apply`);
          continue;
        }
        assert.ok(door !== undefined && cell.length > 0, `${name}, ${check}`);
        for (const one of cell) {
          await t.test(`${check}: ${one.says}`, async () => {
            const line = await refusedOf(door, one);
            assert.equal(line['rule'], one.rule, JSON.stringify(line));
            if (one.reason !== undefined) assert.equal(line['reason'], one.reason);
            refusers.add(one.rule);
            await assertGood(door, one);
          });
        }
      }
    });
  }
}

test('CV-03 every rule of these tables refuses in some cell, or says why none reaches it', () => {
  const rules = new Set(TABLES.flat().map(({ id }) => id));
  for (const rule of Object.keys(OUT_OF_REACH)) {
    assert.ok(rules.has(rule) && !refusers.has(rule), `${rule} does not belong to the list`);
  }
  const silent = [...rules].filter((rule) => !refusers.has(rule) && !(rule in OUT_OF_REACH));
  assert.deepEqual(silent, []);
  assert.ok(refusers.size > 30, String(refusers.size));
});
