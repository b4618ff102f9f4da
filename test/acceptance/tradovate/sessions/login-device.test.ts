/** The device rule: in live no orders without a device (contract §9.4). */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Answer } from '../../../outside/call.ts';
import { API_KEYS, USERS, tradovateSeed } from '../../../outside/tradovate-fixtures.ts';
import { startServer } from '../../../world.ts';
import { assertLogTellsNothing, callerAt } from './caller.ts';
import { assertEmpty, assertSession } from './answers.ts';

const server = await startServer({ seed: tradovateSeed() });
after(server.stop);
const { live, paper, control } = server;
const { alice } = USERS;

const ORDERS = [
  '/v1/order/placeorder', '/v1/Order/cancelOrder', '/v1/orderstrategy/startorderstrategy',
];
const READS = ['/v1/order/list', '/v1/position/list', '/v1/account/list', '/auth/me'];

/** Whatever stands behind the check, it was reached. */
function assertPasses({ status, text }: Answer): void {
  assert.ok(![400, 401, 403, 405, 408, 429].includes(status), `${status} ${text}`);
}

test('AT-V31 without a device LIVE takes no orders and DEMO does', async () => {
  const [here, there] = [callerAt(live), callerAt(paper)];
  for (const deviceId of [undefined, '']) {
    const { accessToken } = assertSession(await here.login(alice, { deviceId }));
    for (const path of ORDERS) {
      assertEmpty(await here.call(accessToken, { path, method: 'POST' }), 401);
    }
    for (const path of READS) assertPasses(await here.call(accessToken, { path }));
    const demo = assertSession(await there.login(alice, { deviceId }));
    for (const path of ORDERS) {
      assertPasses(await there.call(demo.accessToken, { path, method: 'POST' }));
    }
  }
});

test('AT-V31 with a device LIVE takes orders, also after a renewal', async () => {
  const here = callerAt(live);
  const first = assertSession(await here.login(alice, { deviceId: 'demo-device-2' }));
  const next = assertSession(await here.renew(first.accessToken));
  for (const { accessToken } of [first, next]) {
    for (const path of ORDERS) {
      assertPasses(await here.call(accessToken, { path, method: 'POST' }));
    }
  }
  const bare = assertSession(await here.login(alice, { deviceId: undefined }));
  const renewed = assertSession(await here.renew(bare.accessToken));
  for (const path of ORDERS) {
    assertEmpty(await here.call(renewed.accessToken, { path, method: 'POST' }), 401);
  }
});

test('AT-V31 a device the operator blocked takes no orders, open sessions included', async () => {
  const here = callerAt(live);
  const about = { customer: 'alice', device: 'demo-device-3' };
  const { accessToken } = assertSession(await here.login(alice, { deviceId: about.device }));
  const other = assertSession(await here.login(alice, { deviceId: 'demo-device-4' }));
  const order = (token: string): Promise<Answer> =>
    here.call(token, { path: '/v1/order/placeorder', method: 'POST' });
  assertPasses(await order(accessToken));
  await control.act('live', 'device.block', about);
  assertEmpty(await order(accessToken), 401);
  for (const path of READS) assertPasses(await here.call(accessToken, { path }));
  assertPasses(await order(other.accessToken));
  await control.act('live', 'device.unblock', about);
  assertPasses(await order(accessToken));
});

test('AT-V31 a key that may not trade cannot by any device', async () => {
  const here = callerAt(live);
  const { accessToken } = assertSession(await here.login(alice, {}, API_KEYS.narrow));
  for (const path of ORDERS) {
    assertEmpty(await here.call(accessToken, { path, method: 'POST' }), 401);
  }
});

test('the log of these rows holds no secret', () => assertLogTellsNothing(server));
