/** One key for one purpose: HKDF-SHA-256 (RFC 5869), so that no key is used for two things. */
import { type KeyObject, createSecretKey, hkdfSync } from 'node:crypto';

/** `info` names purpose and world; `salt` is empty unless a caller's secret takes part. */
export function deriveKey(from: KeyObject, info: string, salt = ''): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', from, salt, info, 32));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
