/** What is measured: the three requests of a client's life, as whole HTTP requests. */
import { encodeForm } from '../test/outside/call.ts';
import type { App } from '../test/outside/fixtures.ts';
import { FLOWS_AT_ONCE_MAX, GRANTS_MAX } from './stock.ts';
import type { Issued, Maker } from './stock.ts';

export type WorkloadName = 'refresh' | 'exchange' | 'profile' | 'rotate' | 'renew' | 'login';

export type Workload = {
  readonly name: WorkloadName;
  readonly says: string;
  /** Requests of one round; made anew for every round when they can be sent only once. */
  readonly requests: (authority: string) => Promise<readonly string[]>;
  /** Each request can be sent once: a round lasts until all were sent. */
  readonly once: boolean;
  /** Each answer's refresh token goes into the next sending of its request. */
  readonly chained: boolean;
  /** Takes the requests as they would be sent next. */
  readonly keep?: (requests: readonly string[]) => void;
  /** Signatures that the floor makes for each answer. */
  readonly signatures: number;
  /** Measured on the product with sealed tokens in every dialect. */
  readonly sealed: boolean;
  /** Only where a limit would be all that is measured. */
  readonly limits_off: boolean;
};

export const WORKLOADS: { readonly [W in WorkloadName]: string } = {
  refresh: 'POST /v1/oauth/refreshtoken, durable',
  exchange: 'POST /v1/oauth/accesstoken, durable',
  profile: 'GET /v1/user/profile, limits on',
  rotate: 'POST /auth/oauthtoken, rotating refresh, durable, sealed tokens',
  renew: 'GET /auth/renewaccesstoken, durable; the floor makes the same two signatures',
  login: 'POST /auth/accesstokenrequest, durable, one argon2id each',
};

/** More than any server here answers: sizes the stock so that no limit is met. */
const ANSWERS_A_SECOND_MAX = 30_000;
const CODES_MAX = FLOWS_AT_ONCE_MAX - 50;
const REFRESHES_A_GRANT = 60;
const CHECKS_A_TOKEN = 120;

export type WorkloadOptions = { readonly seconds: number; readonly codes: number };

/** What both servers do alike. */
const PLAIN = {
  once: false, chained: false, signatures: 0, sealed: false, limits_off: false,
} as const;

/** @throws Error when `seconds` needs more grants than stay alive side by side */
export function createWorkload(
  name: 'refresh' | 'exchange' | 'profile',
  maker: Maker,
  { seconds, codes }: WorkloadOptions,
): Workload {
  const says = WORKLOADS[name];
  if (name === 'exchange') {
    if (codes > CODES_MAX) throw new Error(`--codes ${codes} is too many: at most ${CODES_MAX}`);
    const fresh = (authority: string): Promise<string[]> =>
      exchangeRequests(maker, codes, authority);
    return { ...PLAIN, name, says, once: true, requests: fresh };
  }
  const each = name === 'refresh' ? REFRESHES_A_GRANT : CHECKS_A_TOKEN;
  const count = Math.ceil((seconds * ANSWERS_A_SECOND_MAX) / each);
  if (count * 2 > GRANTS_MAX) throw new Error(`${seconds} s a round is too long: choose fewer`);
  let grants: Promise<Issued[]> | undefined;
  const requests = async (authority: string): Promise<string[]> => {
    grants ??= maker.grants(count);
    return (await grants).map(({ app, tokens }) =>
      name === 'refresh'
        ? refreshRequest(authority, app, tokens.refresh_token ?? '')
        : profileRequest(authority, tokens.access_token),
    );
  };
  return { ...PLAIN, name, says, requests };
}

async function exchangeRequests(
  maker: Maker,
  count: number,
  authority: string,
): Promise<string[]> {
  const codes = await maker.codes(count);
  return codes.map(({ app, code }) => {
    const form = encodeForm([['grant_type', 'authorization_code'], ['code', code]]);
    return postRequest(authority, '/v1/oauth/accesstoken', app, form);
  });
}

function refreshRequest(authority: string, app: App, refresh_token: string): string {
  const form = encodeForm([['grant_type', 'refresh_token'], ['refresh_token', refresh_token]]);
  return postRequest(authority, '/v1/oauth/refreshtoken', app, form);
}

function postRequest(authority: string, path: string, app: App, form: string): string {
  return [
    `POST ${path} HTTP/1.1`,
    `Host: ${authority}`,
    `Authorization: ${app.basic}`,
    'Accept: application/json',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${form.length}`,
    '',
    form,
  ].join('\r\n');
}

function profileRequest(authority: string, access_token: string): string {
  return [
    'GET /v1/user/profile HTTP/1.1',
    `Host: ${authority}`,
    `Authorization: Bearer ${access_token}`,
    'Accept: application/json',
    '',
    '',
  ].join('\r\n');
}
