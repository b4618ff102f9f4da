/** Where answers may lead (P-07, I13), and properties of the connections page. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { call } from '../../outside/call.ts';
import { APPS } from '../../outside/fixtures.ts';
import type { App } from '../../outside/fixtures.ts';
import { startServer } from '../../world.ts';

const server = await startServer();
after(server.stop);
const { live } = server;

const apps: readonly App[] = [
  APPS.A1, APPS.A2, APPS.A4, APPS.M, APPS.Q, APPS.ignoring, APPS.disabled, APPS.pending,
];
const REGISTERED = apps.flatMap((app) => app.redirect_uris);

const evil = fc.constantFrom(
  'https://evil.test/cb', 'https://app.example.evil.test/cb', 'https://app.example@evil.test/cb',
  '//evil.test', '/\\evil.test', 'javascript:alert(1)', 'https://app.example/cb/', '', 'x',
);

const value = fc.oneof(
  fc.constantFrom(...REGISTERED, 'read', 'code', 'token', 'S256', 'plain', 'read,trade', 'zzz'),
  evil,
  fc.string({ maxLength: 60, unit: 'binary' }).map((text) => text.toWellFormed()),
);

const name = fc.constantFrom(
  'redirect_uri', 'response_type', 'scope', 'state', 'code_challenge', 'code_challenge_method',
  'redirectUrl', 'request', 'next', 'client_id',
);

const path = fc.constantFrom(
  '/v1/oauth/authorize', '/oauth/authorize', '/authorize', '/login', '/', '/connections',
);

/** What a `Location` may be: our own page, or the registered callback of the app that asked. */
function isValidated(location: string, app: App): boolean {
  if (location.startsWith('/') && !/^\/[\\/]/.test(location)) return true;
  if (location.startsWith(`${live.origin}/`)) return true;
  return app.redirect_uris.some((uri) =>
    location.startsWith(`${uri}${uri.includes('?') ? '&' : '?'}error=`));
}

test('P-07 a Location appears only for a validated address', async () => {
  await fc.assert(fc.asyncProperty(
    path, fc.constantFrom(...apps), fc.array(fc.tuple(name, value), { maxLength: 6 }),
    async (at, app, parameters) => {
      const query = new URLSearchParams([['client_id', app.id], ...parameters]).toString();
      const answer = await call(live.origin, { path: `${at}?${query}` });
      assert.ok(answer.status < 500, `${answer.status} at ${at}?${query}`);
      const { location } = answer.headers;
      if (location === undefined) return;
      assert.ok(isValidated(location, app), `${at}?${query} leads to ${location}`);
      if (app.status !== 'approved') {
        assert.ok(!location.startsWith('https://'), 'no callback for an app that is not approved');
      }
    },
  ), { numRuns: 2000 });
});
