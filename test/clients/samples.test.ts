/**
 * AT-T65: programs that make the very requests of the vendor's token samples, nothing of their own
 * but host, credentials, code and refresh token. Languages that are not here are named.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { APPS } from '../outside/fixtures.ts';
import { approve } from '../outside/tradier.ts';
import type { TokenBody, TokenErrorBody } from '../outside/tradier.ts';
import { startServer } from '../world.ts';
import type { Server } from '../world.ts';
import { whyMissing } from './programs.ts';
import { LANGUAGES } from './sample-languages.ts';
import type { Runner } from './sample-languages.ts';
import { startTlsFront } from './tls-front.ts';
import type { TlsFront } from './tls-front.ts';

const APP = APPS.A2;
const WITHOUT_OPENSSL = whyMissing('openssl', ['version']);

describe('the token samples of eight languages', () => {
  let server: Server;
  let front: TlsFront | undefined;
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'countersign-samples-'));
    server = await startServer();
    if (WITHOUT_OPENSSL === undefined) front = await startTlsFront(server.live.origin, directory);
  });
  after(async () => {
    front?.stop();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  for (const language of LANGUAGES) {
    const missing = language.missing();
    const run = once(() => language.prepare(directory));
    for (const scheme of ['http', 'https'] as const) {
      const why = missing ?? (scheme === 'https' ? WITHOUT_OPENSSL : undefined);
      const skip = why === undefined ? false : `AT-T65 ${language.name}: ${why}`;
      it(`AT-T65 ${language.name} over ${scheme}: code, refresh, used code`, { skip }, async () => {
        const origin = scheme === 'http' ? server.live.origin : (front?.origin ?? '');
        const certificate = scheme === 'http' ? null : (front?.certificate ?? null);
        const { code } = await approve(server.live, APP, 'u1');
        const ask = async (path: string, form: readonly [string, string, string]) =>
          run()([`${origin}${path}`, APP.basic, ...form], certificate);

        const exchanged = read<TokenBody>(
          await ask('/v1/oauth/accesstoken', ['authorization_code', 'code', code]),
        );
        assert.equal(exchanged.status, 200);
        const { refresh_token = '', access_token, expires_in } = exchanged.body;
        assert.equal(expires_in, 86_399);
        assert.match(refresh_token, /^[A-Za-z0-9_]+$/);

        const refreshed = read<TokenBody>(
          await ask('/v1/oauth/refreshtoken', ['refresh_token', 'refresh_token', refresh_token]),
        );
        assert.equal(refreshed.status, 200);
        assert.equal('refresh_token' in refreshed.body, false);
        assert.notEqual(refreshed.body.access_token, access_token);

        const again = await ask('/v1/oauth/accesstoken', ['authorization_code', 'code', code]);
        if (language.name.startsWith('C#')) {
          assert.notEqual(again.code, 0);
          assert.match(again.stderr, /WebException.*400/s);
          return;
        }
        const refused = read<TokenErrorBody>(again);
        assert.equal(refused.status, 400);
        assert.equal(refused.body.error, 'invalid_grant');
        assert.equal(refused.body.fault.faultstring, 'Invalid Authorization Code');
      });
    }
  }
});

/** Status and JSON body, as every sample prints them. */
function read<T>({ code, stdout, stderr }: Awaited<ReturnType<Runner>>): {
  readonly status: number;
  readonly body: T;
} {
  assert.equal(code, 0, `the program failed: ${stderr}`);
  const [status = '', body = ''] = stdout.trim().split('\n');
  return { status: Number(status), body: JSON.parse(body) as T };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
