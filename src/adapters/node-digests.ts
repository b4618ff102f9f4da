/** Digests on node:crypto. */
import { type KeyObject, createHmac, hash } from 'node:crypto';
import type { Digests } from '../ports/digests.ts';
import { deriveKey } from './crypto/derive-key.ts';

/** The pepper never stands in the database: a dump does not give guessable values away (DR-02). */
export function nodeDigests(master_key: KeyObject): Digests {
  const pepper = deriveKey(master_key, 'countersign short-value pepper');
  return {
    sha256: (text) => hash('sha256', text, 'base64url'),
    hmac: (key, text) =>
      createHmac('sha256', Buffer.from(key, 'base64url')).update(text).digest('hex'),
    shortValue: (text) => createHmac('sha256', pepper).update(text).digest('base64url'),
  };
}
