/** PKCE (RFC 7636): only S256, enforced as soon as a challenge was sent. */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const VERIFIER = /^[A-Za-z0-9\-._~]{43,128}$/;

/** Why these parameters are no PKCE request, or null when they are, or are none at all. */
export function challengeFault(challenge: string | null, method: string | null): string | null {
  if (challenge === null) return method === null ? null : 'method without challenge';
  if (method !== 'S256') return 'only S256 is offered';
  return CHALLENGE.test(challenge) ? null : 'a challenge has 43 base64url characters';
}

/** RFC 7636 §4.1: 43 to 128 unreserved characters. */
export function verifierIsWellFormed(verifier: string): boolean {
  return VERIFIER.test(verifier);
}
