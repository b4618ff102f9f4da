/** Where a request can carry a credential: each slot makes the request with a value in it. */
import type { Call } from '../../../outside/call.ts';
import { encodeForm } from '../../../outside/call.ts';
import { APPS } from '../../../outside/fixtures.ts';
import type { WorldName } from '../../../outside/fixtures.ts';
import { basicOf, codeMembers, credentials, loginMembers } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import type { Kind } from './objects.ts';
import { cookieName } from './objects.ts';
import { BOTH } from '../site.ts';

/** What is put into a request: a text, and an id where it is half of a pair. */
export type Value = { readonly id: string | null; readonly text: string };

export type Scene = {
  readonly world: WorldName;
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  /** Cookies of a signed-in customer of that world; of the value's own browser where it is one. */
  readonly cookies: string;
  /** Fields of that customer's own form at this path, by name. */
  readonly fields: { readonly [name: string]: string };
};

export type Slot = {
  readonly name: string;
  /** Kinds that it reads: one of the other world is told to the operator. */
  readonly reads: readonly Kind[];
  readonly request: (value: Value, scene: Scene) => Call;
};

type Headers = NonNullable<Call['headers']>;
type Members = { readonly [name: string]: unknown };

const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const HTML = ['Accept', 'text/html'] as const;

const form = ({ method, path }: Scene, fields: Members, headers: Headers): Call => ({
  method,
  path,
  headers: [FORM, ...headers],
  body: encodeForm(Object.entries(fields).map(([name, value]) => [name, String(value)])),
});

const json = ({ method, path }: Scene, members: Members, headers: Headers = []): Call =>
  ({ method, path, headers: [JSON_TYPE, ...headers], body: JSON.stringify(members) });

const basic = (id: string, secret: string) =>
  ['Authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`] as const;

const A2 = APPS.A2;
const A2_BASIC = ['Authorization', A2.basic] as const;
const CODE = { grant_type: 'authorization_code' } as const;
const REFRESH = { grant_type: 'refresh_token' } as const;

/** Tradier's token endpoints: a form, Basic or body credentials. */
export const TRADIER_TOKEN: readonly Slot[] = [
  {
    name: 'code',
    reads: ['code'],
    request: ({ text }, scene) => form(scene, { ...CODE, code: text }, [A2_BASIC]),
  },
  {
    name: 'refresh_token',
    reads: ['refresh_token'],
    request: ({ text }, scene) => form(scene, { ...REFRESH, refresh_token: text }, [A2_BASIC]),
  },
  {
    name: 'basic',
    reads: ['client'],
    request: ({ id, text }, scene) =>
      form(scene, { ...CODE, code: 'unknown' }, [basic(id ?? A2.id, text)]),
  },
  {
    name: 'client_secret',
    reads: ['client'],
    request: ({ id, text }, scene) => form(scene, {
      ...CODE, code: 'unknown', client_id: id ?? A2.id, client_secret: text,
    }, []),
  },
];

/** `oauthtoken`: the same, and a third way to bring credentials. */
export const TRADOVATE_TOKEN: readonly Slot[] = [
  {
    name: 'code',
    reads: ['code'],
    request: ({ text }, scene) => json(scene, codeMembers(BOTH, text)),
  },
  {
    name: 'refresh_token',
    reads: ['refresh_token'],
    request: ({ text }, scene) =>
      json(scene, { ...REFRESH, refresh_token: text, ...credentials(BOTH) }),
  },
  {
    name: 'client_secret',
    reads: ['client'],
    request: ({ id, text }, scene) => json(scene, {
      ...codeMembers(BOTH, 'unknown'), client_id: id ?? BOTH.id, client_secret: text,
    }),
  },
  {
    name: 'httpAuth',
    reads: ['client'],
    request: ({ id, text }, scene) => json(scene, {
      ...CODE,
      code: 'unknown',
      redirect_uri: BOTH.redirect_uri,
      httpAuth: basicOf({ ...BOTH, id: id ?? BOTH.id, secret: text }),
    }),
  },
  {
    name: 'basic',
    reads: ['client'],
    request: ({ id, text }, scene) => json(scene, {
      ...CODE, code: 'unknown', redirect_uri: BOTH.redirect_uri,
    }, [basic(id ?? BOTH.id, text)]),
  },
];

const SIGN_IN = loginMembers(API_KEYS.K1, USERS.erin);

/** `accesstokenrequest`. */
export const PASSWORD_SIGN_IN: readonly Slot[] = [
  {
    name: 'sec',
    reads: ['api_key'],
    request: ({ id, text }, scene) =>
      json(scene, { ...SIGN_IN, cid: id ?? API_KEYS.K1.cid, sec: text }),
  },
  {
    // With a wrong secret, so that an ignored ticket does not sign anybody in.
    name: 'p-ticket',
    reads: ['ticket'],
    request: ({ text }, scene) => json(scene, { ...SIGN_IN, sec: 'wrong', 'p-ticket': text }),
  },
  {
    name: 'chl',
    reads: ['challenge'],
    request: ({ text }, scene) => json(scene, {
      ...loginMembers(API_KEYS.challenged, USERS.erin), chl: text,
    }),
  },
  {
    // The header is ignored here, whatever it holds.
    name: 'bearer',
    reads: [],
    request: ({ text }, scene) => json(scene, { ...SIGN_IN, sec: 'wrong' }, [bearer(text)]),
  },
];

const bearer = (text: string) => ['Authorization', `Bearer ${text}`] as const;

const BODIES: { readonly [path: string]: Members } = { search: { text: 'ord' } };

/** Any call with a bearer token; of sealed ones a dialect reads its own kinds. */
export function bearerSlot(reads: readonly Kind[]): Slot {
  return {
    name: 'bearer',
    reads,
    request: ({ text }, scene) => {
      const { method, path } = scene;
      const body = BODIES[path.split('/').at(-1) ?? ''];
      if (body !== undefined) return json(scene, body, [bearer(text)]);
      return { method, path, headers: [['Accept', 'application/json'], bearer(text)] };
    },
  };
}

/** Of calls without a body the ticket stands in the query. */
export const TICKET_IN_QUERY: Slot = {
  name: 'p-ticket',
  reads: ['ticket'],
  request: ({ text }, { method, path }) =>
    ({ method, path: `${path}?p-ticket=${encodeURIComponent(text)}` }),
};

const query = (fields: Members): string =>
  encodeForm(Object.entries(fields).map(([name, value]) => [name, String(value)]));

const view = ({ method, path, cookies }: Scene, fields: Members): Call =>
  ({ method, path: `${path}?${query(fields)}`, headers: [HTML, ['Cookie', cookies]] });

/** A request's page, in a browser that may have claimed it. */
export function requestSlot(client_id: string): Slot {
  return {
    name: 'request',
    reads: ['request'],
    request: ({ text }, scene) => view(scene, { client_id, request: text, c: '1' }),
  };
}

export const REDIRECT_URL: Slot = {
  name: 'redirectUrl',
  reads: [],
  request: ({ text }, scene) => view(scene, {
    redirectUrl: `/v1/oauth/authorize?client_id=${encodeURIComponent(text)}`, c: '1',
  }),
};

/** An app's id is no secret; in its place stands a value all the same. */
export function clientIdSlot(redirect_uri: string): Slot {
  return {
    name: 'client_id',
    reads: [],
    request: ({ id, text }, scene) => view(scene, { client_id: id ?? text, redirect_uri }),
  };
}

const SAME_SITE = (origin: string): Headers =>
  [['Origin', origin], ['Sec-Fetch-Site', 'same-origin']];

const sent = (scene: Scene, fields: Members, cookies = scene.cookies): Call =>
  form(scene, { ...scene.fields, ...fields }, [['Cookie', cookies], ...SAME_SITE(scene.origin)]);

/** The scene's cookies with one of them replaced. */
function withCookie({ cookies, world }: Scene, use: 'flow' | 'login', text: string): string {
  const name = cookieName(world, use);
  const others = cookies.split('; ').filter((pair) => pair !== '' && !pair.startsWith(`${name}=`));
  return [...others, `${name}=${text}`].join('; ');
}

const COOKIE_USES = { sign_in_cookie: 'login', flow_cookie: 'flow' } as const;

/** A cookie of a page that is only looked at. */
export function cookieSlot(kind: keyof typeof COOKIE_USES): Slot {
  return {
    name: kind,
    reads: [],
    request: ({ text }, scene) => ({
      method: scene.method,
      path: scene.path,
      headers: [HTML, ['Cookie', withCookie(scene, COOKIE_USES[kind], text)]],
    }),
  };
}

/** A cookie beside a form. */
export function formCookieSlot(kind: keyof typeof COOKIE_USES): Slot {
  return {
    name: kind,
    reads: [],
    request: ({ text }, scene) => sent(scene, {}, withCookie(scene, COOKIE_USES[kind], text)),
  };
}

export const CSRF: Slot = {
  name: 'csrf',
  reads: [],
  request: ({ text }, scene) => sent(scene, { csrf: text }),
};

export const REQUEST_FIELD: Slot = {
  name: 'request',
  reads: ['request'],
  request: ({ text }, scene) => sent(scene, { request: text }),
};
