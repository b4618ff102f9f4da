/** PKCE pairs of the rows: a verifier with what the authorize page is asked with (RFC 7636 §4). */
import { createHash, randomBytes } from 'node:crypto';
import { noteSecrets } from '../../tradier/secrets.ts';

export type Proof = {
  readonly verifier: string;
  readonly challenge: string;
  /** Parameters of the authorization request. */
  readonly asked: {
    readonly code_challenge: string;
    readonly code_challenge_method: string;
  };
};

/** A drawn verifier, or this one, with its challenge; the log is searched for it later. */
export function proof(verifier = randomBytes(32).toString('base64url')): Proof {
  noteSecrets(verifier);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = { code_challenge: challenge, code_challenge_method: 'S256' };
  return { verifier, challenge, asked };
}
