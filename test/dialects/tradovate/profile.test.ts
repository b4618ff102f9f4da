/** The profile that settings make (contract §4–§10, §17). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { profileOf } from '../../../src/dialects/tradovate/profile.ts';
import type { TradovateSettings } from '../../../src/dialects/tradovate/settings.ts';
import { DEFAULTS, PAGES, WORLDS, optionsWith } from './exchange.ts';

describe('the profile', () => {
  test('by default is what the contract says', () => {
    const profile = profileOf(optionsWith());
    assert.deepEqual({ ...profile, api_limits: null }, {
      dialect: 'tradovate',
      grant_types: ['authorization_code', 'refresh_token'],
      vocabulary: 'areas',
      issuer: { live: 'https://live.example', paper: 'https://demo.example' },
      world_words: { live: 'live', paper: 'demo' },
      page_path: '/oauth',
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
      code_lifetime_s: 300,
      access_token_lifetime_s: 4800,
      grant_lifetime_s: 7_776_000,
      refresh_lifetime_s: 93_600,
      renewal_lifetime_s: 86_400,
      grants_live_max: 20,
      access_tokens_live_max: 1_000_000_000,
      refreshes_per_minute_max: 6000,
      state_bytes_max: 4096,
      api_limits: null,
      sessions: {
        live_max: 2, token_lifetime_s: 4800, device_needed: ['live'], keyless: false,
      },
      call_limits: {
        authenticated: [3600, 60, 1].map((window_s) => ({ count: 5000, window_s })),
        anonymous: [
          { count: 1000, window_s: 3600 }, { count: 1000, window_s: 60 },
          { count: 100, window_s: 1 },
        ],
      },
      penalties: {
        sign_in: {
          free: 5, counts: 'failures', back_off_s: 15, ticket: 'needed', captcha: 'escalate',
        },
        renew: {
          free: 15, counts: 'calls', back_off_s: 15, ticket: 'not_needed', captcha: 'never',
        },
        identity: {
          free: 10, counts: 'failures', back_off_s: 30, ticket: 'not_needed', captcha: 'never',
        },
      },
      limit_exempt: [],
    });
  });

  test('is one object until a setting changes', () => {
    const settings: { -readonly [K in keyof TradovateSettings]: TradovateSettings[K] } =
      { ...DEFAULTS };
    const options = { settings, pages: PAGES, worlds: WORLDS };
    const first = profileOf(options);
    assert.equal(profileOf(options), first);
    settings.evicted_status = 401;
    assert.equal(profileOf(options), first, 'not one that it depends on');
    let before = first;
    const change = (part: Partial<TradovateSettings>): void => {
      Object.assign(settings, part);
      const after = profileOf(options);
      assert.notDeepEqual(after, before, JSON.stringify(part));
      assert.equal(profileOf(options), after);
      before = after;
    };
    change({ max_sessions: 3 });
    change({ login_captcha: 'never' });
    change({ danger_keyless_login: true });
    change({ limit_exempt: ['192.0.2.0/24'] });
    for (const part of [{ code_s: 60 }, { oauth_access_s: 1 }, { oauth_refresh_s: 2 },
      { family_s: 0 }, { session_token_s: 3 }, { session_max_s: 0 }]) {
      change({ lifetimes: { ...settings.lifetimes, ...part } });
    }
    const changed = profileOf(options);
    assert.equal(changed.sessions?.live_max, 3);
    assert.equal(changed.sessions.keyless, true);
    assert.equal(changed.penalties?.sign_in.captcha, 'never');
    assert.deepEqual(changed.limit_exempt, ['192.0.2.0/24']);
    assert.deepEqual([changed.grant_lifetime_s, changed.renewal_lifetime_s,
      changed.code_lifetime_s], [null, null, 60]);
    settings.danger_limits_off = true;
    const { call_limits, penalties } = profileOf(options);
    assert.deepEqual([call_limits, penalties], [null, null]);
  });

  test('names the issuers of the worlds that are served', () => {
    assert.deepEqual(profileOf(optionsWith({}, { paper: WORLDS.paper })).issuer,
      { paper: 'https://demo.example' });
  });
});
