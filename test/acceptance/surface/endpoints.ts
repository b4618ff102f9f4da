/** The dialect's endpoints as a table, and how each says that it cannot read a body. */
import type { Answer } from '../../outside/call.ts';
import type { WorldSite } from '../../outside/fixtures.ts';
import { oauthToken } from '../../outside/tradovate.ts';
import type { How, Members } from '../../outside/tradovate.ts';
import * as token from '../tradovate/answers.ts';
import * as session from '../tradovate/sessions/answers.ts';

/** An endpoint that reads a body. */
export type Reader = {
  readonly path: string;
  /** Every member that it reads, each of its type. */
  readonly members: Members;
  /** Whether a form is read as well as JSON. */
  readonly forms: boolean;
};

const JSON_ALONE = { forms: false } as const;

export const READERS: readonly Reader[] = [
  {
    path: '/auth/oauthtoken',
    forms: true,
    members: {
      grant_type: 'string', code: 'x', redirect_uri: 'x', client_id: '1', client_secret: 'x',
      httpAuth: 'x', refresh_token: 'x', code_verifier: 'x', resource: 'x', assertion: 'x',
    },
  },
  {
    ...JSON_ALONE,
    path: '/auth/accesstokenrequest',
    members: {
      name: 'x', password: 'x', appId: 'x', appVersion: 'x', deviceId: 'x', cid: '1', sec: 'x',
      hibpCheck: true, enc: false, chl: 'x', 'p-ticket': 'x',
    },
  },
  { ...JSON_ALONE, path: '/auth/countryisbanned', members: { country: 'DE', countryCode: 'DE' } },
  { ...JSON_ALONE, path: '/auth/getproduct', members: { name: 'Orders', id: 7 } },
  { ...JSON_ALONE, path: '/auth/search', members: { text: 'ord', limit: 10 } },
];

/** The other endpoints, with the methods they take. */
export const CALLS: readonly (readonly [path: string, methods: readonly string[]])[] = [
  ['/auth/renewaccesstoken', ['GET', 'POST']],
  ['/auth/me', ['GET']],
  ['/oidcuserinfo', ['GET', 'POST']],
  ['/userinfo', ['GET', 'POST']],
  ['/auth/challenge', ['GET']],
  ['/auth/products', ['GET']],
  ['/gettimestamp', ['GET']],
  ['/timestamp', ['GET']],
  ['/auth/jwks', ['GET']],
  ['/.well-known/openid-configuration', ['GET']],
  ['/.well-known/oauth-authorization-server', ['GET']],
  ['/v1/order/list', ['GET', 'POST']],
];

/** Every endpoint with its methods. */
export const ALL: readonly (readonly [path: string, methods: readonly string[]])[] = [
  ...READERS.map(({ path }) => [path, ['POST']] as const), ...CALLS,
];

/** Endpoints where the account of a token is shown or prolonged. */
export const OF_A_TOKEN = [
  '/auth/renewaccesstoken', '/auth/me', '/oidcuserinfo', '/userinfo', '/v1/order/list',
] as const;

export function sendTo(
  world: WorldSite,
  { path }: Pick<Reader, 'path'>,
  body: Members | string,
  how: How = {},
): Promise<Answer> {
  return oauthToken(world, body, { ...how, path });
}

/** 400 in the endpoint's own form. */
export function assertUnread({ path }: Pick<Reader, 'path'>, answer: Answer, field?: string): void {
  if (/oauthtoken$/i.test(path)) token.assertMalformed(answer, field);
  else session.assertMalformed(answer);
}

/** Answers of success of this dialect hold one of these; refusals hold none. */
export function assertNothingGiven({ text }: Answer): void {
  if (!/"(?:access_?token|refresh_token|id_token|mdAccessToken)":/i.test(text)) return;
  throw new Error(`a token was given: ${text.slice(0, 60)}`);
}
