/** The metadata of one environment (contract §12.9; RFC 8414, OpenID Connect Discovery §3). */
import type { Outcomes } from '../../../core/commands.ts';
import type { WireRequest, WireResponse } from '../../../core/wire.ts';
import { publicAnswer, taggedAnswer } from '../answers.ts';
import { PAGE_PATH } from '../profile.ts';
import type { TradovateWorld } from '../settings.ts';

export function metadataAnswer({ issuer, pages_origin }: TradovateWorld): WireResponse {
  return publicAnswer({
    issuer,
    authorization_endpoint: `${pages_origin}${PAGE_PATH}`,
    token_endpoint: `${issuer}/auth/oauthtoken`,
    userinfo_endpoint: `${issuer}/v1/oidcuserinfo`,
    jwks_uri: `${issuer}/auth/jwks`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'none'],
    code_challenge_methods_supported: ['S256'],
  });
}

/** Public members, in the order of the contract; of a private one there is none to forget. */
const KEY_MEMBERS = ['kty', 'use', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y'];

export function keysAnswer(
  { keys, tag }: Outcomes['read_keys'],
  request: Pick<WireRequest, 'header'>,
): WireResponse {
  const shown = keys.map((key) => Object.fromEntries(KEY_MEMBERS
    .filter((member) => Object.hasOwn(key, member))
    .map((member) => [member, key[member]])));
  return taggedAnswer({ keys: shown }, tag, request);
}
