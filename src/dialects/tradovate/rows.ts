/** The endpoints of the API hosts as a table (contract §2, §5–§8, §12). */
import { type Route, answerBy } from '../../core/routes.ts';
import { apiRefusal } from './api-answers.ts';
import {
  issueChallenge, judgeCountry, listProducts, readKeys, readMe, readMetadata, readProduct,
  readTime, readUserinfo, renewToken, searchProducts,
} from './calls/calls.ts';
import { entityOperation } from './calls/entities.ts';
import { decodeSession } from './decode/decode-session.ts';
import { decodeToken } from './decode/decode-token.ts';
import { ENTITIES } from './permissions.ts';
import { profileOf } from './profile.ts';
import { encodeSession } from './session-answers.ts';
import type { TradovateOptions } from './settings.ts';
import { encodeToken, tokenRefusal } from './token-answers.ts';

export type ApiRow = Pick<Route, 'methods' | 'says' | 'answer'> & {
  readonly name: string;
  /** Lower case, without `/v1`. */
  readonly path: string;
  /** Whether the path may stand without `/v1`. */
  readonly version: 'optional' | 'needed';
};

/** In lower case, and found in any case like the routes; a longer one may be another dialect's. */
export const API_PREFIXES: readonly string[] = [
  ...['/auth/', '/.well-known/', '/gettimestamp', '/timestamp', '/oidcuserinfo', '/userinfo']
    .flatMap((prefix) => [prefix, `/v1${prefix}`]),
  '/v1/websocket',
  ...ENTITIES.map((entity) => `/v1/${entity}/`),
];

export const TOKEN_PATH = '/auth/oauthtoken';

export function apiRows(options: TradovateOptions): readonly ApiRow[] {
  return [
    ...tokenRows(options),
    ...callRows(options),
    ...metadataRows(options),
    ...entityRows(options),
  ];
}

function tokenRows(options: TradovateOptions): ApiRow[] {
  const { settings } = options;
  return [
    {
      name: 'oauthtoken',
      methods: ['POST'],
      path: TOKEN_PATH,
      version: 'optional',
      says: 'Exchanges a code, or a refresh token, for tokens; errors have status 200',
      answer: answerBy({
        command: 'token',
        decode: (request) => decodeToken(request, profileOf(options)),
        encode: (answer) => encodeToken(answer, settings),
        refuse: tokenRefusal,
      }),
    },
    {
      name: 'accesstokenrequest',
      methods: ['POST'],
      path: '/auth/accesstokenrequest',
      version: 'optional',
      says: 'Opens a session by name, password and API key; closes the oldest beyond the limit',
      answer: answerBy({
        command: 'open_session',
        decode: (request) => decodeSession(request, profileOf(options)),
        encode: (answer) => encodeSession(answer, settings),
        refuse: (refusal) => apiRefusal(refusal, settings),
      }),
    },
    {
      name: 'renewaccesstoken',
      methods: ['GET', 'POST'],
      path: '/auth/renewaccesstoken',
      version: 'optional',
      says: 'A new token of the same session or grant; the old one lives to its end',
      answer: renewToken(options),
    },
  ];
}

type CallRow = readonly [
  path: string, methods: readonly string[], says: string, answer: Route['answer'],
];

function rowOf([path, methods, says, answer]: CallRow): ApiRow {
  const name = path.replace(/^\/auth\//, '').replace(/^[/.]+/, '').replaceAll('/', '.');
  return { name, methods, path, version: 'optional', says, answer };
}

function callRows(options: TradovateOptions): ApiRow[] {
  const userinfo = readUserinfo(options);
  const time = readTime(options);
  const rows: readonly CallRow[] = [
    ['/auth/me', ['GET'], 'Who the customer of a token is', readMe(options)],
    ['/auth/challenge', ['GET'], 'A challenge for first-party API keys', issueChallenge(options)],
    ['/auth/countryisbanned', ['POST'], 'Whether people of a country may sign up',
      judgeCountry(options)],
    ['/auth/products', ['GET'], 'All permission areas; with a token, what it was granted',
      listProducts(options)],
    ['/auth/getproduct', ['POST'], 'One permission area by id or name', readProduct(options)],
    ['/auth/search', ['POST'], 'Permission areas by text; needs a token', searchProducts(options)],
    ['/gettimestamp', ['GET'], 'The server\'s clock', time],
    ['/timestamp', ['GET'], 'The same under its second address', time],
    ['/oidcuserinfo', ['GET', 'POST'], 'OpenID claims of the customer of a token', userinfo],
    ['/userinfo', ['GET', 'POST'], 'The same under its second address', userinfo],
  ];
  return rows.map(rowOf);
}

const METADATA_PATHS = [
  '/.well-known/openid-configuration',
  '/auth/.well-known/openid-configuration',
  '/auth/wellknownopenidconfiguration',
  '/.well-known/oauth-authorization-server',
];

function metadataRows(options: TradovateOptions): ApiRow[] {
  const metadata = readMetadata(options);
  const rows: readonly CallRow[] = [
    ['/auth/jwks', ['GET'], 'The public keys of the environment', readKeys(options)],
    ...METADATA_PATHS.map((path): CallRow =>
      [path, ['GET'], 'Metadata of the environment (RFC 8414, OpenID Connect)', metadata]),
  ];
  return rows.map((row) => ({ ...rowOf(row), name: metadataName(row[0]) }));
}

/** Their last segments repeat, so that the whole path is the name. */
function metadataName(path: string): string {
  return path.slice(1).replaceAll('/', '.');
}

function entityRows(options: TradovateOptions): ApiRow[] {
  const answer = entityOperation(options);
  return ENTITIES.map((entity) => ({
    name: entity,
    methods: ['GET', 'POST'],
    path: `/${entity}/*`,
    version: 'needed',
    says: 'An operation of the entity: its permission is checked',
    answer,
  }));
}
