/** Writes tokens: sealed for ourselves, or signed for others to verify. After the commit. */
import type { Grant } from '../../core/kinds/grant.ts';
import type { Code } from '../../core/kinds/code.ts';
import type { Customer } from '../../core/kinds/customer.ts';
import type { Session } from '../../core/kinds/roster.ts';
import { streamAudience } from '../../core/decide/session/check-token.ts';
import type { Profile } from '../../core/rules/profile.ts';
import type { World } from '../../core/world.ts';
import type { Deps } from '../deps.ts';

export type GrantToken = {
  readonly grant_id: string;
  readonly grant: Grant;
  readonly customer: Customer;
  readonly number: number;
  readonly scopes: number;
  /** Epoch ms. */
  readonly issued_at: number;
};

/** Who issues a dialect's tokens in this world. */
export function issuerOf(profile: Profile, { name, issuer }: World<'live' | 'paper'>): string {
  return profile.issuer?.[name] ?? issuer;
}

export function issueAccessToken(
  deps: Deps,
  profile: Profile,
  token: GrantToken,
): string | Promise<string> {
  const { grant, grant_id, customer, number, scopes, issued_at } = token;
  const issued_at_s = Math.floor(issued_at / 1000);
  const lifetime_s = profile.access_token_lifetime_s;
  if (profile.access_tokens === 'sealed') {
    const customer_id = grant.customer;
    return deps.seals.sealToken({
      customer: customer_id, grant: grant_id, number, scopes, issued_at_s, lifetime_s,
    });
  }
  const issuer = issuerOf(profile, deps.world);
  return signToken(deps, profile, {
    customer,
    audience: grant.resource ?? issuer,
    issued_at_s,
    expires_at_s: issued_at_s + lifetime_s,
    number,
    client: grant.app,
    subject: `g${grant_id}`,
  });
}

/** Throws a StoreFault when a token of this profile could not be signed now. */
export function mustBeAbleToIssue(
  { signer }: Deps,
  { access_tokens, id_tokens }: Pick<Profile, 'access_tokens' | 'id_tokens'>,
): void {
  if (access_tokens === 'jwt') signer.mustBeReady('access-token');
  if (id_tokens !== 'none') signer.mustBeReady('id-token');
}

export type SessionToken = {
  readonly customer: Customer;
  /** Full id. */
  readonly session_id: string;
  readonly session: Pick<Session, 'api_key'>;
  readonly number: number;
  readonly issued_at: number;
  /** Epoch ms. */
  readonly expires_at: number;
};

/** The token of a session, and a second one that opens streams alone. */
export function issueSessionToken(
  deps: Deps,
  profile: Profile,
  token: SessionToken,
  use: 'access' | 'stream',
): string | Promise<string> {
  const issuer = issuerOf(profile, deps.world);
  return signToken(deps, profile, {
    customer: token.customer,
    audience: use === 'stream' ? streamAudience(issuer) : issuer,
    issued_at_s: Math.floor(token.issued_at / 1000),
    expires_at_s: Math.floor(token.expires_at / 1000),
    number: token.number,
    client: token.session.api_key,
    subject: `s${token.session_id}`,
  });
}

/** A stream token of a grant that covers prices. */
export function issueStreamToken(
  deps: Deps,
  profile: Profile,
  { grant, grant_id, customer, number, issued_at }: GrantToken,
): string | Promise<string> {
  const issued_at_s = Math.floor(issued_at / 1000);
  return signToken(deps, profile, {
    customer,
    audience: streamAudience(issuerOf(profile, deps.world)),
    issued_at_s,
    expires_at_s: issued_at_s + profile.access_token_lifetime_s,
    number,
    client: grant.app,
    subject: `g${grant_id}`,
  });
}

type Signed = {
  readonly customer: Customer;
  readonly audience: string;
  readonly issued_at_s: number;
  readonly expires_at_s: number;
  readonly number: number;
  readonly client: string;
  /** `g` and a grant's id, or `s` and a session's. */
  readonly subject: string;
};

function signToken(deps: Deps, profile: Profile, token: Signed): string | Promise<string> {
  return deps.signer.sign('access-token', {
    iss: issuerOf(profile, deps.world),
    sub: String(token.customer.number),
    aud: token.audience,
    exp: token.expires_at_s,
    iat: token.issued_at_s,
    jti: `${token.number}.${token.subject}`,
    client_id: token.client,
    sid: token.subject,
    env: profile.world_words[deps.world.name],
  });
}

/** OpenID Connect Core §2; contract §5.2. */
export function issueIdToken(
  deps: Deps,
  profile: Profile,
  of: { readonly code: Code; readonly customer: Customer; readonly issued_at: number },
): string | Promise<string> {
  const { code, customer, issued_at } = of;
  const iat = Math.floor(issued_at / 1000);
  return deps.signer.sign('id-token', {
    iss: issuerOf(profile, deps.world),
    sub: String(customer.number),
    aud: code.app,
    exp: iat + profile.access_token_lifetime_s,
    iat,
    auth_time: Math.floor(code.signed_in_at / 1000),
    ...(code.nonce === null ? {} : { nonce: code.nonce }),
    name: customer.name,
    preferred_username: customer.login_name,
    ...(customer.email === null
      ? {}
      : { email: customer.email, email_verified: customer.email_verified }),
  });
}
