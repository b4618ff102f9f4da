/** Every way to present a value as a credential of this dialect, and whether it was taken. */
import { createHash, createHmac } from 'node:crypto';
import type { Answer } from '../../../outside/call.ts';
import { call } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import {
  accessTokenRequest, basicOf, bearing, codeMembers, get, loginMembers, oauthToken,
} from '../../../outside/tradovate.ts';
import type { How, Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import { freshAddress, from } from '../../matrix/site.ts';
import { openSocket } from '../../tradovate/sockets.ts';
import type { Drawn } from './secrets.ts';
import { PRICES } from './secrets.ts';

/** True when the value was good for something; `drawn` is what stands around it. */
export type Way = (world: WorldSite, text: string, drawn: Drawn) => Promise<boolean>;

type Headers = readonly (readonly [string, string])[];

/** From an address of its own, so that no limit answers in the place of the rule. */
const anywhere = (headers: Headers = []): How => ({ headers: [from(freshAddress()), ...headers] });

/** What may stand in a header; a value with anything else is none that was given out. */
const inHeader = (text: string): string => text.replace(/[^\x21-\x7e]/g, '_');

const isError = (body: Members): boolean =>
  ['error', 'errorText', 'p-ticket'].some((name) => name in body);

/** Status 200 with something in it: errors of this dialect have that status, too. */
function isTaken({ status, text, json, headers }: Answer): boolean {
  if (status !== 200 || text === '') return false;
  return headers['content-type'] === 'application/json' && !isError(json<Members>());
}

async function token(world: WorldSite, body: Members, headers: Headers = []): Promise<boolean> {
  return isTaken(await oauthToken(world, body, anywhere(headers)));
}

/** A client that proved itself is told of its code; one that did not is told of its setup. */
async function client(world: WorldSite, body: Members, headers: Headers = []): Promise<boolean> {
  const members = {
    grant_type: 'authorization_code', code: 'unknown', redirect_uri: PRICES.redirect_uri, ...body,
  };
  const answer = await oauthToken(world, members, anywhere(headers));
  return answer.json<Members>()['error'] !== 'invalid_client';
}

const withSecret = (app: Drawn['app'], text: string): string => basicOf({ ...app, secret: text });

async function signIn(world: WorldSite, members: Members, how = anywhere()): Promise<boolean> {
  return isTaken(await accessTokenRequest(world, members, how));
}

const erin = loginMembers(API_KEYS.K1, USERS.erin);

/** Answers a challenge with this text as the key that the answer is made with (§12.3). */
async function answered(world: WorldSite, key: Buffer | string): Promise<boolean> {
  const how = anywhere();
  const members = loginMembers(API_KEYS.challenged, USERS.erin);
  const { chl } = (await get(world, '/auth/challenge', how.headers)).json();
  const { deviceId, name, password, appId } = members;
  const said = JSON.stringify([chl, deviceId, name, password, appId]);
  const sec = createHmac('sha256', key).update(said).digest('hex');
  return signIn(world, { ...members, chl, sec }, how);
}

const BEARER_CALLS: readonly How[] = [
  { path: '/auth/me' }, { path: '/auth/renewaccesstoken' },
  { path: '/auth/renewaccesstoken', method: 'POST' }, { path: '/oidcuserinfo' },
  { path: '/v1/userinfo', method: 'POST' }, { path: '/auth/products' },
  { path: '/v1/account/list' }, { path: '/v1/userproperty/deps' },
];

export const BEARER: Way = async (world, text) => {
  const answers = await Promise.all(BEARER_CALLS.map((how) =>
    bearing(world, inHeader(text), { ...how, ...anywhere() })));
  return answers.some(isTaken);
};

export const SOCKET: Way = async (world, text) => {
  const peer = await openSocket(world, { first: [`authorize\n0\n\n${text}`] });
  const said = await peer.frame((frame) => frame.startsWith('a'));
  peer.ws.terminate();
  return said.includes('"s":200');
};

const page = (path: string, headers: Headers) => async (world: WorldSite): Promise<boolean> => {
  const answer = await call(world.origin, { path, headers: [['Accept', 'text/html'], ...headers] });
  return answer.text.includes('id="consent"') || /code=/.test(answer.headers.location ?? '');
};

const cookies = ({ name }: WorldSite, flow: string, login: string): Headers =>
  [['Cookie', `cs_${name}_flow-dev=${inHeader(flow)}; cs_${name}_login-dev=${inHeader(login)}`]];

const requestPath = (request: string): string =>
  `/oauth?client_id=${PRICES.id}&request=${encodeURIComponent(request)}&c=1`;

/** Every way, named; bearers and sockets of them are exported for themselves. */
export const WAYS: { readonly [name: string]: Way } = {
  code: (world, text) => token(world, codeMembers(PRICES, text)),
  'refresh token': (world, text) => token(world, {
    grant_type: 'refresh_token', refresh_token: text, client_id: PRICES.id,
    client_secret: PRICES.secret,
  }),
  verifier: (world, text, { secrets: { code } }) =>
    token(world, { ...codeMembers(PRICES, code), code_verifier: text }),
  'client secret': (world, text) => client(world, { client_id: PRICES.id, client_secret: text }),
  'drawn client secret': (world, text, { app }) =>
    client(world, { client_id: app.id, client_secret: text }),
  httpAuth: (world, text) => client(world, { httpAuth: withSecret(PRICES, text) }),
  Basic: (world, text) => client(world, {}, [['Authorization', withSecret(PRICES, text)]]),
  // Her own, or the one that her key has for itself: both are tried.
  password: (world, text) =>
    signIn(world, { ...loginMembers(API_KEYS.of_alice, USERS.alice), password: text }),
  sec: (world, text) => signIn(world, { ...erin, sec: text }),
  'drawn sec': (world, text, { key }) =>
    signIn(world, { ...loginMembers(key, USERS.erin), sec: text }),
  'challenge answer': (world, text) => answered(world, text),
  'challenge answer of decoded bytes': (world, text) =>
    answered(world, Buffer.from(text, 'base64url')),
  challenge: (world, text) => signIn(world, {
    ...loginMembers(API_KEYS.challenged, USERS.erin), chl: text,
    sec: createHash('sha256').update(text).digest('hex'),
  }),
  bearer: BEARER,
  socket: SOCKET,
  'sign-in cookie': (world, text, { secrets }) =>
    page(requestPath(secrets.request), cookies(world, secrets.flow_cookie, text))(world),
  'flow cookie': (world, text, { secrets }) =>
    page(requestPath(secrets.request), cookies(world, text, secrets.sign_in_cookie))(world),
  request: (world, text, { secrets: { flow_cookie, sign_in_cookie } }) =>
    page(requestPath(text), cookies(world, flow_cookie, sign_in_cookie))(world),
};

/** Presents a ticket for the body that its wait is for; the wait must have been kept. */
export async function takesTicket(
  world: WorldSite,
  text: string,
  { address, user }: Drawn['penalized'],
): Promise<boolean> {
  const good = { ...loginMembers(API_KEYS.K1, user), 'p-ticket': text };
  return signIn(world, good, { headers: [from(address)] });
}
