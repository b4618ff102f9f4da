/** Tokens that nobody issued: written by hand, part by part. */
import assert from 'node:assert/strict';
import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { keyEnvelope } from '../../../../src/adapters/keys/key-envelope.ts';
import { loadMasterKey } from '../../../../src/adapters/keys/master-key.ts';
import type { Key } from '../../../../src/core/kinds/key.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { connectSocket } from '../../../outside/socket.ts';
import { me, renew, userinfo } from '../../../outside/tradovate.ts';
import { assertUnauthorized } from '../../tradovate/answers.ts';
import type { Server } from '../../../world.ts';

export type Json = { readonly [name: string]: unknown };

export type Parts = { readonly header: Json; readonly claims: Json; readonly signature: string };

export function partsOf(token: string): Parts {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const read = (part: string): Json =>
    JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json;
  return { header: read(header), claims: read(claims), signature };
}

export function encode(value: Json | string | Buffer): string {
  if (Buffer.isBuffer(value)) return value.toString('base64url');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** The signing input with a signature made of it. */
export function forge(
  header: Json | string,
  claims: Json | string,
  signature: (input: string) => Buffer | string,
): string {
  const input = `${encode(header)}.${encode(claims)}`;
  const made = signature(input);
  return `${input}.${typeof made === 'string' ? made : encode(made)}`;
}

export const hmac = (algorithm: string, key: string | Buffer) => (input: string): Buffer =>
  createHmac(algorithm.replace('HS', 'sha'), key).update(input).digest();

export const es256 = (key: KeyObject, form: 'ieee-p1363' | 'der' = 'ieee-p1363') =>
  (input: string): Buffer => sign('sha256', Buffer.from(input), { key, dsaEncoding: form });

/** A pair of the attacker's own. */
export const ATTACKER = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** Works at every place that takes an access token. */
export async function passesEverywhere(world: WorldSite, token: string): Promise<void> {
  for (const use of [me, userinfo, renew]) assert.equal((await use(world, token)).status, 200);
}

/** Refused at every place that takes an access token, as any bad token; `why` is shown. */
export async function refusedEverywhere(
  world: WorldSite,
  token: string,
  why: string,
): Promise<void> {
  const answers = await Promise.all([
    me(world, token), userinfo(world, token), userinfo(world, token, { method: 'POST' }),
    renew(world, token), renew(world, token, { method: 'POST' }),
  ]);
  for (const answer of answers) {
    assert.equal(answer.status, 401, `${why}: ${answer.status} ${answer.text}`);
    // What is no token68 at all is taken for a header without a token (RFC 6750 §2.1).
    assertUnauthorized(answer, /^[A-Za-z0-9._~+/-]+=*$/.test(token) ? 'denied' : 'none');
  }
  const url = `${world.origin.replace('http', 'ws')}/v1/websocket`;
  const peer = await connectSocket(url, { first: [`authorize\n1\n\n${token}`] });
  const frame = await peer.frame((text) => text.startsWith('a'));
  peer.close();
  assert.equal(frame, 'a[{"s":401,"i":1,"d":"Invalid access token"}]', why);
}

/** The private half of the key of access tokens, as one has it who holds disk and master key. */
export function stolenKey({ data }: Server, world: 'live' | 'paper'): KeyObject {
  const db = new DatabaseSync(join(data, `${world}.sqlite`), { readOnly: true });
  const row = db.prepare('SELECT body FROM key WHERE id = \'access-token.1\'').get();
  db.close();
  const { purpose, number, sealed } = JSON.parse(String(row?.['body'])) as Key;
  const file = join(data, 'keys', `${world}.key`);
  const envelope = keyEnvelope(loadMasterKey({ world, file, environment: {} }), world);
  const content = envelope.open(purpose, number, sealed);
  assert.ok(content !== null, 'the record opens');
  return createPrivateKey({ key: content, format: 'der', type: 'pkcs8' });
}
