/** Route × permission (contract §13), whole. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { scopeMask } from '../../../src/core/rules/scopes/scopes.ts';
import { ENTITIES, permissionFor } from '../../../src/dialects/tradovate/permissions.ts';
import { AREA_ENTITIES, READ_OPERATIONS } from '../../outside/tradovate-permissions.ts';

describe('the permission of an operation', () => {
  for (const [area, entities] of Object.entries(AREA_ENTITIES)) {
    test(`${area}: reads need Read, everything else FullAccess`, () => {
      for (const entity of entities) {
        for (const verb of READ_OPERATIONS) {
          assert.equal(permissionFor(`${entity}/${verb}`), `${area}:Read`, `${entity}/${verb}`);
        }
        for (const verb of ['create', 'update', 'delete', 'placeorder', 'finder', 'unknown']) {
          assert.equal(permissionFor(`${entity}/${verb}`), `${area}:FullAccess`);
        }
      }
    });
  }

  test('the table holds the entities of the contract and no others', () => {
    assert.deepEqual([...ENTITIES].sort(), Object.values(AREA_ENTITIES).flat().sort());
  });

  const rows: { readonly [operation: string]: string | null } = {
    'cashbalance/getcashbalancesnapshot': 'Accounting:Read',
    'account/getcashbalancesnapshot': 'Accounting:FullAccess',
    'contract/rollcontract': 'ContractLibrary:Read',
    'contract/getproductfeeparams': 'ContractLibrary:Read',
    'md/subscribequote': 'Prices:Read',
    'md/unsubscribequote': 'Prices:Read',
    'md/subscribedom': 'Prices:Read',
    'md/unsubscribedom': 'Prices:Read',
    'md/subscribehistogram': 'Prices:Read',
    'md/unsubscribehistogram': 'Prices:Read',
    'md/getchart': 'Prices:Read',
    'md/cancelchart': 'Prices:Read',
    'replay/checkreplaysession': 'Prices:Read',
    'replay/initializeclock': 'Prices:Read',
    'replay/changespeed': 'Prices:Read',
    'user/syncrequest': 'Users:Read',
    'userproperty/syncrequest': 'Users:FullAccess',
    'order/placeorder': 'Orders:FullAccess',
    'order/cancelorder': 'Orders:FullAccess',
    'alert/createalert': 'Alerts:FullAccess',
    'chat/postchatmessage': 'Chat:FullAccess',
    'useraccountautoliq/update': 'Risks:FullAccess',
    'Order/PlaceOrder': 'Orders:FullAccess',
    'USERPROPERTY/DEPS': 'Users:Read',
    'order': null,
    'order/': null,
    '/order/list': null,
    'order//list': null,
    'order/list/': null,
    'order/list/1': null,
    'order/./list': null,
    'order%2flist': null,
    'order/li%73t': null,
    'order\\list': null,
    ' order/list': null,
    'order/list\n': null,
    'orders/list': null,
    'auth/me': null,
    'constructor/list': null,
    '__proto__/list': null,
    'o\u0155der/list': null,
    '': null,
  };
  for (const [operation, permission] of Object.entries(rows)) {
    test(`${JSON.stringify(operation)} → ${permission ?? 'unknown'}`, () => {
      assert.equal(permissionFor(operation), permission);
    });
  }

  test('is always a scope word that exists', () => {
    fc.assert(fc.property(fc.constantFrom(...ENTITIES), fc.stringMatching(/^[a-z]{1,20}$/),
      (entity, verb) => scopeMask([permissionFor(`${entity}/${verb}`) ?? '']) !== 0));
  });
});
