/** The vault: AES-256-GCM under keys derived from the master key and the caller's own secrets. */
import type { KeyObject } from 'node:crypto';
import type { WorldName } from '../../core/world.ts';
import type { SuccessorKey, Vault } from '../../ports/vault.ts';
import { openBytes, sealBytes } from '../crypto/aead.ts';
import { bytesOfBase64url } from '../crypto/base64url.ts';
import { deriveKey } from '../crypto/derive-key.ts';
import { type SealSecrets, createSuccessorSeals } from '../crypto/successor-seal.ts';

const VERSION = 'v1';

export function createVault(master_key: KeyObject, world: WorldName): Vault {
  const successors = createSuccessorSeals();
  const key = deriveKey(master_key, `countersign ${VERSION} vault ${world}`);

  function open(with_key: KeyObject, bound_to: string, sealed: string): string | null {
    if (!sealed.startsWith(`${VERSION}.`)) return null;
    const bytes = bytesOfBase64url(sealed.slice(VERSION.length + 1));
    return (bytes && openBytes(with_key, bound_to, bytes))?.toString() ?? null;
  }

  return {
    seal: (record, secret) => textOf(sealBytes(key, boundTo(world, record), Buffer.from(secret))),
    open: (record, sealed) => open(key, boundTo(world, record), sealed),
    sealSuccessor: (under, successor) =>
      successors.seal(secretsOf(world, under), under.generation, successor).toString('base64url'),
    openSuccessor(under, sealed) {
      const bytes = bytesOfBase64url(sealed);
      return bytes && successors.open(secretsOf(world, under), under.generation, bytes);
    },
  };
}

function boundTo(world: WorldName, record: string): string {
  return `${VERSION}|${record}|${world}`;
}

function textOf(sealed: Buffer): string {
  return `${VERSION}.${sealed.toString('base64url')}`;
}

function secretsOf(
  world: WorldName,
  { presented, window_secret, family }: SuccessorKey,
): SealSecrets {
  const info = `countersign ${VERSION} refresh successor ${world} ${family}`;
  return { salt: window_secret, presented, info };
}
