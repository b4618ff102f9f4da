/** The Tradier dialect's profile: what its clients rely on, as data. */
import type { Profile } from '../../core/rules/profile.ts';

export const TRADIER_PROFILE: Profile = {
  dialect: 'tradier',
  grant_types: ['authorization_code', 'refresh_token'],
  pkce: 'optional',
  response_type_default: 'code',
  scope_policy: 'intersect',
  token_redirect_uri: 'ignored',
  refresh_policy: 'stable',
  request_lifetime_s: 1800,
  code_lifetime_s: 600,
  access_token_lifetime_s: 86_400,
  grant_lifetime_s: null,
  grants_live_max: 20,
  access_tokens_live_max: 20,
  refreshes_per_minute_max: 60,
  state_bytes_max: 4096,
  api_limits: {
    standard: { live: 120, paper: 60 },
    market: { live: 120, paper: 60 },
    trading: { live: 60, paper: 60 },
  },
};
