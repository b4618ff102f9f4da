/** Verifiers and challenges (RFC 7636 §4). */
import { createHash } from 'node:crypto';

export const verifierOf = (seed = 'demo'): string => `demo-verifier-${seed}-`.padEnd(64, '0');

/** Parameters of an authorization request that demand the verifier. */
export function challengeOf(verifier = verifierOf()) {
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  return { code_challenge, code_challenge_method: 'S256' };
}
