/** The settings of each dialect: exactly the keys that its contract names. */
import Type from 'typebox';

const HOST_LIST = Type.Array(Type.String({ minLength: 1 }));

/** Hosts of one world: where the API and the pages of a dialect live. */
const WORLD_HOSTS = Type.Object(
  { api: HOST_LIST, pages: HOST_LIST },
  { additionalProperties: false },
);

const HOSTS = Type.Object(
  { live: Type.Optional(WORLD_HOSTS), paper: Type.Optional(WORLD_HOSTS) },
  { additionalProperties: false },
);

/** The same, with the hosts of streams. */
const STREAM_HOSTS = Type.Object(
  {
    api: HOST_LIST,
    pages: HOST_LIST,
    market_data: Type.Optional(HOST_LIST),
    replay: Type.Optional(HOST_LIST),
  },
  { additionalProperties: false },
);

const SECONDS = Type.Integer({ minimum: 1, maximum: 315_360_000 });
/** A code that outlives ten minutes waits for its thief (RFC 6749 §4.1.2; AC-05). */
const CODE_SECONDS = Type.Integer({ minimum: 1, maximum: 600 });
/** A retired signing key stays published for a day and an hour: no token may live longer. */
const TOKEN_SECONDS = Type.Integer({ minimum: 1, maximum: 86_400 });
const SECONDS_OR_NEVER = Type.Integer({ minimum: 0, maximum: 315_360_000 });
/** A bare host name, as clients put a scheme before it. */
const BARE_HOST = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9.:-]+$' });

export const TRADIER_SETTINGS = {
  'tradier.hosts': {
    schema: HOSTS,
    preset: {},
    says: 'Authorities (host, with its port if not 443) of each world: api and pages',
  },
  'tradier.token_type': {
    schema: Type.Union([Type.Literal('Bearer'), Type.Literal('off')]),
    preset: 'Bearer',
    says: '`off` leaves the member token_type out of token answers',
  },
  'tradier.refresh_echo': {
    schema: Type.Boolean(), preset: false, says: 'Repeat the refresh token in refresh answers',
  },
  'tradier.api_errors': {
    schema: Type.Union([Type.Literal('fault'), Type.Literal('text')]),
    preset: 'fault',
    says: '`text` answers bad tokens with bare text instead of fault JSON',
  },
  'tradier.read_implies_market': {
    schema: Type.Boolean(), preset: false, says: 'Scope read also opens market data routes',
  },
  'tradier.danger_limits_off': {
    schema: Type.Boolean(),
    preset: false,
    says: 'Switches every limit off, for load tests; refused by serve',
  },
  'tradier.aliases': {
    schema: Type.Boolean(),
    preset: false,
    says: 'Serve the token endpoint under the paths of generated clients too',
  },
} as const;

export const TRADOVATE_SETTINGS = {
  'tradovate.hosts': {
    schema: Type.Object(
      { live: Type.Optional(STREAM_HOSTS), paper: Type.Optional(STREAM_HOSTS) },
      { additionalProperties: false },
    ),
    preset: {},
    says: 'Authorities of each world: api, pages, and for streams market_data and replay',
  },
  'tradovate.elsewhere': {
    schema: Type.Record(Type.String({ pattern: '^/[a-z0-9/_.-]+$' }), BARE_HOST),
    preset: {},
    says: 'Paths (lower case, without /v1) that callers are told to call on another host',
  },
  'tradovate.api_hosts': {
    schema: Type.Object({
      live: Type.Optional(BARE_HOST),
      demo: Type.Optional(BARE_HOST),
      mdLive: Type.Optional(BARE_HOST),
      mdDemo: Type.Optional(BARE_HOST),
      replay: Type.Optional(BARE_HOST),
      reportingLive: Type.Optional(BARE_HOST),
      reportingDemo: Type.Optional(BARE_HOST),
    }, { additionalProperties: false }),
    preset: {},
    says: 'Bare host names told after a sign-in, all seven or none',
  },
  'tradovate.lifetimes': {
    schema: Type.Object({
      code_s: Type.Optional(CODE_SECONDS),
      oauth_access_s: Type.Optional(TOKEN_SECONDS),
      oauth_refresh_s: Type.Optional(SECONDS),
      family_s: Type.Optional(SECONDS_OR_NEVER),
      oauth_idle_s: Type.Optional(Type.Literal(0)),
      session_token_s: Type.Optional(TOKEN_SECONDS),
      session_max_s: Type.Optional(SECONDS_OR_NEVER),
    }, { additionalProperties: false }),
    preset: {},
    says: 'Seconds, in place of 300, 4800, 93600, 7776000, 0, 4800 and 86400',
  },
  'tradovate.max_sessions': {
    schema: Type.Integer({ minimum: 1, maximum: 100 }),
    preset: 2,
    says: 'Trading sessions of a customer; a further sign-in closes the oldest',
  },
  'tradovate.evicted_status': {
    schema: Type.Union([Type.Literal(408), Type.Literal(401)]),
    preset: 408,
    says: 'Status of a token whose session a newer sign-in has closed',
  },
  'tradovate.login_failure_status': {
    schema: Type.Union([Type.Literal(200), Type.Literal(401)]),
    preset: 200,
    says: 'Status of a wrong name or password',
  },
  'tradovate.login_captcha': {
    schema: Type.Union([
      Type.Literal('escalate'), Type.Literal('always'), Type.Literal('never'),
    ]),
    preset: 'escalate',
    says: 'When a penalised sign-in says that no program can go on',
  },
  'tradovate.limit_exempt': {
    schema: Type.Array(Type.String({ minLength: 1 })),
    preset: [],
    says: 'Subnets, login names, API keys and apps that its limits do not meet',
  },
  'tradovate.danger_keyless_login': {
    schema: Type.Boolean(),
    preset: false,
    says: 'Sign-in without an API key, for tutorials; refused by serve',
  },
  'tradovate.danger_limits_off': {
    schema: Type.Boolean(),
    preset: false,
    says: 'Switches its limits and penalties off, for load tests; refused by serve',
  },
  'tradovate.register': {
    schema: Type.Literal(false),
    preset: false,
    says: 'Registration by programs; a matter of the standard dialect, not to be had yet',
  },
  'tradovate.example_resources': {
    schema: Type.Boolean(),
    preset: false,
    says: 'Serve account/list and userproperty/deps from its own records, for end-to-end tests',
  },
  'tradovate.socket_upstream': {
    schema: Type.String({ pattern: '^(|wss?://.+)$' }),
    preset: '',
    says: 'Where resource operations of a stream go (ws or wss URL); empty = nowhere',
  },
} as const;
