import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sitesOf } from '../../src/http/authorities.ts';
import { routeTable } from '../../src/http/route-table.ts';
import { stubDialect, stubRoute } from './stub-server.ts';

const dispatch = { live: () => Promise.reject(new Error('not used')) };

test('two routes for one method and path do not start, and the message names both', () => {
  const one = stubDialect('one', [stubRoute('/x', { id: 'one.x' })], []);
  const two = stubDialect('two', [stubRoute('/x', { id: 'two.x' })], []);
  assert.throws(() => routeTable([one, two], ['api'], 'a.example'), {
    name: 'BootError', message: /a\.example: POST \/x belongs to one\.x and two\.x/,
  });
  const folded = stubDialect('two', [stubRoute('/X', { fold_case: true, methods: ['GET'] })], []);
  assert.throws(() => routeTable([one, folded], ['api'], 'a.example'), { name: 'BootError' });
});

test('one path may have a method of each dialect; Allow names both, the first answers 405', () => {
  const one = stubDialect('one', [stubRoute('/x', { methods: ['GET'] })], []);
  const two = stubDialect('two', [stubRoute('/x', { methods: ['POST'] })], []);
  const entry = routeTable([one, two], ['api'], 'a').find('/x');
  assert.deepEqual(entry?.methods, ['GET', 'POST']);
  assert.equal(entry.owner.name, 'one');
});

test('roles keep routes apart', () => {
  const both = stubDialect('one', [
    stubRoute('/x', { id: 'api' }), stubRoute('/x', { id: 'pages', role: 'pages' }),
  ], []);
  assert.equal(routeTable([both], ['pages'], 'a').find('/x')?.by_method.get('POST')?.id, 'pages');
  assert.throws(() => routeTable([both], ['api', 'pages'], 'a'), { name: 'BootError' });
});

test('the longest prefix owns a path; one prefix has one owner', () => {
  const one = stubDialect('one', [], ['', '/v1/oauth/']);
  const two = stubDialect('two', [], ['/v1/']);
  const table = routeTable([one, two], ['api'], 'a');
  assert.equal(table.owner('/v1/oauth/x')?.name, 'one');
  assert.equal(table.owner('/v1/x')?.name, 'two');
  assert.equal(table.owner('/x')?.name, 'one');
  assert.throws(() => routeTable([one, stubDialect('two', [], [''])], ['api'], 'a'),
    { name: 'BootError' });
});

test('an authority belongs to one world and is listed once', () => {
  const dialects = [stubDialect('one', [], [''])];
  const live = { authority: 'API.example:443', world: 'live', roles: ['api'] } as const;
  const sites = sitesOf([live], dialects, dispatch);
  assert.equal(sites.find('api.EXAMPLE')?.world, 'live');
  assert.equal(sites.find('api.example:443')?.authority, 'api.example');
  assert.equal(sites.find('api.example:4400'), undefined);
  const paper = { ...live, world: 'paper' } as const;
  const both = { live: dispatch.live, paper: dispatch.live };
  assert.throws(() => sitesOf([live, paper], dialects, both), /both worlds/);
  assert.throws(() => sitesOf([live, live], dialects, both), /listed twice/);
  assert.throws(() => sitesOf([paper], dialects, dispatch), /paper is off/);
  assert.throws(() => sitesOf([], dialects, dispatch), /no authority/);
});

test('a last segment of * takes what nobody else has, below prefixes of its own dialect', () => {
  const any = stubRoute('/v1/Order/*', { fold_case: true, id: 'two.any' });
  const list = stubRoute('/v1/order/list', { fold_case: true, id: 'two.list' });
  const one = stubDialect('one', [stubRoute('/v1/order/mine', { id: 'one.mine' })],
    ['', '/v1/order/theirs']);
  const two = stubDialect('two', [any, list], ['/v1/order/']);
  const table = routeTable([one, two], ['api'], 'a');
  const found = (path: string) => table.find(path)?.by_method.get('POST')?.id;
  assert.equal(found('/v1/order/list'), 'two.list');
  assert.equal(found('/V1/ORDER/PlaceOrder'), 'two.any');
  assert.equal(found('/v1/order/mine'), 'one.mine');
  for (const path of ['/v1/order/theirs', '/v1/order', '/v1/order/a/b', '/v1/orders/a',
    '/order/a']) {
    assert.equal(found(path), undefined, path);
  }
});
