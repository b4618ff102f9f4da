/**
 * Handles: `cs_{world}_{kind}_` and, in base62, key number, shard, record, generation, 256 bits of
 * secret and a 96-bit tag: HMAC-SHA-256 over all the rest. The tag tells forgery from history and
 * spares the store; use always needs the digest, so a stolen handle key cannot mint (DR-01).
 */
import { hash } from 'node:crypto';
import { equalInConstantTime } from '../../core/rules/secrets.ts';
import type { WorldName } from '../../core/world.ts';
import type { Entropy } from '../../ports/entropy.ts';
import type { HandleKind, Handles } from '../../ports/handles.ts';
import { base62Of96Bits, base62OfNumber, isBase62, numberOfBase62 } from '../crypto/base62.ts';
import { deriveKey } from '../crypto/derive-key.ts';
import { type Mac, createMac } from '../crypto/mac.ts';
import type { KeySource, OpenKey } from '../keys/keyring.ts';
import { HANDLE_CHARS, HANDLE_PARTS, otherWorldPrefix, prefixOf } from './shapes.ts';

export function createHandles(keys: KeySource, world: WorldName, entropy: Entropy): Handles {
  const other_world = otherWorldPrefix(world);
  const macs = new WeakMap<OpenKey, Mac>();

  function tagOf(key: OpenKey, text: string): string {
    let mac = macs.get(key);
    if (mac === undefined) {
      mac = createMac(deriveKey(key.secret, `countersign handle tags ${world}`));
      macs.set(key, mac);
    }
    return base62Of96Bits(mac(text));
  }

  return {
    mint(kind, { shard, record, generation }) {
      if (shard.length !== HANDLE_PARTS.shard || record.length !== HANDLE_PARTS.record) {
        throw new Error('shard and record are 11 characters each');
      }
      const key = keys.active('handle');
      const untagged = prefixOf(world, kind) +
        base62OfNumber(key.number, HANDLE_PARTS.key) +
        shard + record +
        base62OfNumber(generation, HANDLE_PARTS.generation) +
        entropy.base62(HANDLE_PARTS.secret);
      const text = untagged + tagOf(key, untagged);
      return { text, digest: hash('sha256', text, 'base64url') };
    },
    open(kind, text) {
      if (text.startsWith(other_world)) return 'other_world';
      const body = bodyStart(world, kind, text);
      if (body < 0) return 'malformed';
      const key = keys.numbered('handle', numberOfBase62(text.slice(body, body + 2)));
      if (key === undefined) return 'malformed';
      const tag_start = text.length - HANDLE_PARTS.tag;
      const expected = tagOf(key, text.slice(0, tag_start));
      if (!equalInConstantTime(expected, text.slice(tag_start))) return 'malformed';
      const shard = body + HANDLE_PARTS.key;
      const record = shard + HANDLE_PARTS.shard;
      const generation = record + HANDLE_PARTS.record;
      return {
        shard: text.slice(shard, record),
        record: text.slice(record, generation),
        generation: numberOfBase62(text.slice(generation, generation + HANDLE_PARTS.generation)),
        digest: hash('sha256', text, 'base64url'),
      };
    },
  };
}

/** Where the base62 begins in a handle of the right shape; -1 for any other text. */
function bodyStart(world: WorldName, kind: HandleKind, text: string): number {
  const prefix = prefixOf(world, kind);
  if (text.length !== prefix.length + HANDLE_CHARS || !text.startsWith(prefix)) return -1;
  return isBase62(text, prefix.length) ? prefix.length : -1;
}
