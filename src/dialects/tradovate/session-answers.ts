/** Tokens of a session or a renewed grant, and who their customer is (§6–§8, §12.2). */
import type { Identity, SessionAnswer } from '../../core/commands.ts';
import type { WireResponse } from '../../core/wire.ts';
import { apiHosts, okAnswer, secondsTime } from './answers.ts';
import { STATUS_WORDS } from './api-answers.ts';
import type { TradovateSettings } from './settings.ts';

const BREACH_WORDS = {
  name_and_password: 'EmailAndPasswordCompromised',
  password: 'PasswordCompromised',
} as const satisfies Record<Exclude<SessionAnswer['breach'], null>, string>;

/** `AccessTokenResponse`, members in the order of the contract. */
export function sessionObject(answer: SessionAnswer, settings: TradovateSettings): object {
  const { identity, breach, stream_token } = answer;
  const { features } = identity;
  return {
    hibpHint: breach === null ? undefined : BREACH_WORDS[breach],
    accessToken: answer.access_token,
    mdAccessToken: stream_token ?? undefined,
    expirationTime: secondsTime(answer.expires_at),
    userStatus: STATUS_WORDS[identity.status].word,
    userId: identity.number,
    name: identity.login_name,
    hasLive: identity.has_accounts,
    hasSimPlus: features.sim_plus,
    hasFunded: features.funded,
    hasMarketData: features.market_data,
    outdatedTaC: false,
    outdatedLiquidationPolicy: false,
    showKIDs: false,
    ...apiHosts(settings.api_hosts),
  };
}

export function encodeSession(answer: SessionAnswer, settings: TradovateSettings): WireResponse {
  return okAnswer(sessionObject(answer, settings));
}

/** `auth/me` (§8). */
export function identityObject(identity: Identity): object {
  return {
    userId: identity.number,
    name: identity.login_name,
    fullName: identity.name,
    email: identity.email ?? undefined,
    emailVerified: identity.email_verified,
    isTrial: identity.features.is_trial,
  };
}

/** `oidcuserinfo` (§12.2): `sub` is that of the ID token and of the access token. */
export function userinfoObject(identity: Identity): object {
  return {
    sub: String(identity.number),
    name: identity.name,
    preferred_username: identity.login_name,
    email: identity.email ?? undefined,
    email_verified: identity.email_verified,
  };
}
