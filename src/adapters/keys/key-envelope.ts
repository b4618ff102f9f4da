/**
 * The envelope around what a key record holds (DR-05): AES-256-GCM under a key derived from the
 * world's master key, bound to table, record id, world and purpose, so that two envelopes cannot
 * change places. Text: version of the sealing key, dot, base64url of the sealed bytes.
 */
import type { KeyObject } from 'node:crypto';
import { type KeyPurpose, isSigningPurpose, keyRecordId } from '../../core/kinds/key.ts';
import type { WorldName } from '../../core/world.ts';
import { openBytes, sealBytes } from '../crypto/aead.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';
import { deriveKey } from '../crypto/derive-key.ts';

const VERSION = 'k1';
const SECRET_BYTES = 32;

export type KeyEnvelope = {
  /** A secret of 32 bytes; for a signing key, its private half or where that is kept. */
  seal(purpose: KeyPurpose, number: number, content: Uint8Array): string;
  /** Null when the envelope is not this record's, was altered, or is under another master key. */
  open(purpose: KeyPurpose, number: number, sealed: string): Buffer | null;
};

export function keyEnvelope(master_key: KeyObject, world: WorldName): KeyEnvelope {
  const sealing_key = deriveKey(master_key, `countersign ${VERSION} key records ${world}`);

  function boundTo(purpose: KeyPurpose, number: number): string {
    return `${VERSION}|key|${keyRecordId(purpose, number)}|${world}|${purpose}`;
  }

  return {
    seal(purpose, number, content) {
      const bytes = sealBytes(sealing_key, boundTo(purpose, number), content);
      return `${VERSION}.${bytes.toString('base64url')}`;
    },
    open(purpose, number, sealed) {
      if (!sealed.startsWith(`${VERSION}.`)) return null;
      const bytes = bytesOfBase64url(sealed.slice(VERSION.length + 1));
      const content = bytes && openBytes(sealing_key, boundTo(purpose, number), bytes);
      return isSigningPurpose(purpose) || content?.length === SECRET_BYTES ? content : null;
    },
  };
}
