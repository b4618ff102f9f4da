/** The Tradovate dialect's profile: what its clients rely on, as data, from the settings. */
import type {
  CallLimits, PenalizedEndpoint, PenaltyPolicy, Profile,
} from '../../core/rules/profile.ts';
import type { WorldName } from '../../core/world.ts';
import type { TradovateOptions, TradovateSettings } from './settings.ts';

export const DIALECT = 'tradovate';

/** What this dialect calls the worlds. */
export const WORLD_WORDS: { readonly [W in WorldName]: string } = { live: 'live', paper: 'demo' };

/** Path of a request's page. */
export const PAGE_PATH = '/oauth';

/** §10, per user and per address. */
const CALL_LIMITS: CallLimits = {
  authenticated: [
    { count: 5000, window_s: 3600 }, { count: 5000, window_s: 60 }, { count: 5000, window_s: 1 },
  ],
  anonymous: [
    { count: 1000, window_s: 3600 }, { count: 1000, window_s: 60 }, { count: 100, window_s: 1 },
  ],
};

/** The limits of this dialect count calls of a customer, not of a token. */
const NO_TOKEN_LIMIT = { live: 1_000_000_000, paper: 1_000_000_000 };

type Known = { readonly values: readonly unknown[]; readonly profile: Profile };

const KNOWN = new WeakMap<TradovateOptions, Known>();

/** The profile of these settings; the same object until one of them changes. */
export function profileOf(options: TradovateOptions): Profile {
  const values = valuesOf(options.settings);
  const known = KNOWN.get(options);
  if (known?.values.every((value, at) => value === values[at]) === true) return known.profile;
  const profile = newProfile(options);
  KNOWN.set(options, { values, profile });
  return profile;
}

/** Every setting that the profile depends on, in a fixed order. */
function valuesOf(settings: TradovateSettings): readonly unknown[] {
  const { lifetimes } = settings;
  return [
    lifetimes.code_s, lifetimes.oauth_access_s, lifetimes.oauth_refresh_s, lifetimes.family_s,
    lifetimes.session_token_s, lifetimes.session_max_s, settings.max_sessions,
    settings.login_captcha, settings.limit_exempt, settings.danger_keyless_login,
    settings.danger_limits_off,
  ];
}

function newProfile({ settings, worlds }: TradovateOptions): Profile {
  const { lifetimes, danger_limits_off } = settings;
  return {
    dialect: DIALECT,
    grant_types: ['authorization_code', 'refresh_token'],
    vocabulary: 'areas',
    issuer: {
      ...(worlds.live === undefined ? {} : { live: worlds.live.issuer }),
      ...(worlds.paper === undefined ? {} : { paper: worlds.paper.issuer }),
    },
    world_words: WORLD_WORDS,
    page_path: PAGE_PATH,
    pkce: 'optional',
    response_type_default: 'code',
    scope_policy: 'registered',
    grant_type_first: true,
    token_redirect_uri: 'compared',
    refresh_policy: 'rotating',
    refresh_approval: 'not_needed',
    access_tokens: 'jwt',
    id_tokens: 'code',
    request_lifetime_s: 1800,
    code_lifetime_s: lifetimes.code_s,
    access_token_lifetime_s: lifetimes.oauth_access_s,
    grant_lifetime_s: zeroAsNull(lifetimes.family_s),
    refresh_lifetime_s: lifetimes.oauth_refresh_s,
    renewal_lifetime_s: zeroAsNull(lifetimes.session_max_s),
    grants_live_max: 20,
    // Each lives to its own end, however many came after it (§5.3, §7).
    access_tokens_live_max: 1_000_000_000,
    // Sixty-four processes of one grant may refresh at once (§5.3).
    refreshes_per_minute_max: 6000,
    state_bytes_max: 4096,
    api_limits: { standard: NO_TOKEN_LIMIT, market: NO_TOKEN_LIMIT, trading: NO_TOKEN_LIMIT },
    sessions: {
      live_max: settings.max_sessions,
      token_lifetime_s: lifetimes.session_token_s,
      device_needed: ['live'],
      keyless: settings.danger_keyless_login,
    },
    call_limits: danger_limits_off ? null : CALL_LIMITS,
    penalties: danger_limits_off ? null : penaltiesOf(settings),
    limit_exempt: settings.limit_exempt,
  };
}

/** §10, per endpoint and subnet. */
function penaltiesOf(
  { login_captcha }: TradovateSettings,
): { readonly [E in PenalizedEndpoint]: PenaltyPolicy } {
  return {
    sign_in: {
      free: 5, counts: 'failures', back_off_s: 15, ticket: 'needed', captcha: login_captcha,
    },
    renew: { free: 15, counts: 'calls', back_off_s: 15, ticket: 'not_needed', captcha: 'never' },
    identity: {
      free: 10, counts: 'failures', back_off_s: 30, ticket: 'not_needed', captcha: 'never',
    },
  };
}

function zeroAsNull(seconds: number): number | null {
  return seconds === 0 ? null : seconds;
}
