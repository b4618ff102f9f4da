/** Whose token it is: its form, the records it rests on, and the facts a verdict needs. */
import type { TokenCheck } from '../../core/commands.ts';
import { type Bearer, type CheckFacts, sessionOf } from '../../core/decide/session/check-token.ts';
import type { RecordKey } from '../../core/kinds/kinds.ts';
import type { Profile } from '../../core/rules/profile.ts';
import type { Claims } from '../../ports/signer.ts';
import type { Deps } from '../deps.ts';
import { issuerOf } from '../token/issue.ts';
import type { Facts } from '../work.ts';

/** Every bit: a signed token names no scopes, its grant or API key does. */
const ANY_SCOPES = -1;

/** What a token's form says, or the stream that speaks in its place; without a query. */
export function readBearer(
  deps: Deps,
  { profile, bearer, socket }: Pick<TokenCheck, 'profile' | 'bearer' | 'socket'>,
): Bearer {
  if (socket !== undefined) return boundBearer(deps, socket);
  if (bearer === null) return { is: 'none' };
  if (profile.access_tokens === 'jwt') return signedBearer(deps, profile, bearer);
  if (bearer.startsWith(`cs_${deps.world.name}_pt_`)) return readPersonal(deps, bearer);
  return sealedBearer(deps, bearer);
}

function boundBearer(deps: Deps, socket: string): Bearer {
  const subject = deps.sockets.subjectOf(socket);
  if (subject === null) return { is: 'none' };
  const { id, customer } = subject;
  const bound = { customer, number: null, expires_at: null, audience: null } as const;
  return subject.is === 'session'
    ? { is: 'session_token', session_id: id, ...bound }
    : { is: 'access_token', grant_id: id, scopes: ANY_SCOPES, ...bound };
}

function sealedBearer(deps: Deps, text: string): Bearer {
  const claims = deps.seals.openToken(text);
  if (claims === 'other_world') return { is: 'not_ours', reason: 'env_mismatch' };
  if (claims === 'malformed') return { is: 'not_ours', reason: 'not a token of ours' };
  return {
    is: 'access_token',
    grant_id: claims.grant,
    customer: claims.customer,
    number: claims.number,
    scopes: claims.scopes,
    expires_at: (claims.issued_at_s + claims.lifetime_s) * 1000,
    audience: null,
  };
}

const SHARD_CHARS = 11;

function signedBearer(deps: Deps, profile: Profile, text: string): Bearer {
  const other = deps.world.name === 'live' ? 'paper' : 'live';
  const claims = deps.signer.open(text, profile.world_words[other]);
  if (claims === 'other_world') return { is: 'not_ours', reason: 'env_mismatch' };
  if (claims === 'malformed') return { is: 'not_ours', reason: 'not a token of ours' };
  const { sid, jti } = claims;
  const mine = claims.iss === issuerOf(profile, deps.world) &&
    claims['env'] === profile.world_words[deps.world.name] &&
    typeof sid === 'string' && typeof jti === 'string';
  if (mine && isEarly(deps, claims)) return { is: 'not_ours', reason: 'not valid yet' };
  if (!mine) return { is: 'not_ours', reason: 'of another issuer or world' };
  return namedBearer(claims, sid, jti);
}

/** Clocks of our nodes may differ by so much (JW-08). */
const SKEW_MS = 10_000;

function isEarly({ clock }: Deps, { iat, nbf }: Claims): boolean {
  const latest = clock.now() + SKEW_MS;
  return iat * 1000 > latest || (typeof nbf === 'number' && nbf * 1000 > latest);
}

/** `sid` is a letter and the full id; `jti` begins with the number. */
function namedBearer({ aud, exp }: Claims, sid: string, jti: string): Bearer {
  const id = sid.slice(1);
  const named = {
    customer: id.slice(0, SHARD_CHARS),
    number: Number.parseInt(jti, 10),
    expires_at: exp * 1000,
    audience: aud,
  };
  return sid.startsWith('s')
    ? { is: 'session_token', session_id: id, ...named }
    : { is: 'access_token', grant_id: id, scopes: ANY_SCOPES, ...named };
}

function readPersonal(deps: Deps, text: string): Bearer {
  const opened = deps.handles.open('pt', text);
  if (typeof opened === 'string') return { is: 'not_ours', reason: opened };
  const { shard, digest, generation } = opened;
  return { is: 'personal_token', customer: shard, digest, number: generation };
}

/** The records a verdict on it rests on. */
export function bearerKeys(bearer: Bearer): readonly RecordKey[] {
  const customer = customerOf(bearer);
  if (customer === null) return [];
  const keys: RecordKey[] = [{ kind: 'customer', id: customer }];
  if (bearer.is === 'access_token') keys.unshift({ kind: 'grant', id: bearer.grant_id });
  if (bearer.is === 'session_token') keys.unshift({ kind: 'roster', id: bearer.customer });
  return keys;
}

/** The one record that a token of it counts on, which a renewal changes. */
export function countedKey(bearer: Bearer): RecordKey | null {
  if (bearer.is === 'access_token') return { kind: 'grant', id: bearer.grant_id };
  return bearer.is === 'session_token' ? { kind: 'roster', id: bearer.customer } : null;
}

export function customerOf(bearer: Bearer): string | null {
  return 'customer' in bearer ? bearer.customer : null;
}

/** Needs `bearerKeys` read. */
export function checkFacts(
  deps: Deps,
  facts: Facts,
  check: Pick<CheckFacts, 'profile' | 'bearer' | 'scopes' | 'account' | 'takes_stream_tokens'>,
): CheckFacts {
  const { bearer, profile } = check;
  const customer = customerOf(bearer);
  const grant = bearer.is === 'access_token' ? facts.get('grant', bearer.grant_id) : undefined;
  const roster = bearer.is === 'session_token' ? facts.get('roster', bearer.customer) : undefined;
  const session = sessionOf({ bearer, roster });
  return {
    ...check,
    grant,
    roster,
    api_key: session === undefined ? undefined : facts.apiKey(session.api_key),
    customer: customer === null ? undefined : facts.get('customer', customer),
    app: grant === undefined ? undefined : facts.app(grant.app),
    world: facts.world(),
    site: { world: deps.world.name, issuer: issuerOf(profile, deps.world) },
    now: facts.now,
  };
}
