/** The requests of the dialect with sessions: rotation, renewal, sign-in. */
import type { Customer } from '../test/outside/fixtures.ts';
import { loginMembers } from '../test/outside/tradovate.ts';
import type { User } from '../test/outside/tradovate-fixtures.ts';
import type { TradovateMaker, TradovateStock } from './tradovate-stock.ts';
import { WORKLOADS } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** Grants refreshed in turn by each connection. */
const GRANTS_A_CONNECTION = 4;
/** More than any server here signs in a second. */
const RENEWALS_A_SECOND_MAX = 8_000;
/** Newer tokens than this end the one that is sent again and again. */
const RENEWALS_A_SESSION = 90;

export type TradovateBed = {
  readonly stock: TradovateStock;
  readonly maker: TradovateMaker;
  readonly customers: readonly Customer[];
  readonly connections: number;
  readonly seconds: number;
};

export function rotateWorkload({ maker, connections }: TradovateBed): Workload {
  let kept: readonly string[] | null = null;
  return {
    name: 'rotate',
    says: WORKLOADS.rotate,
    once: false,
    chained: true,
    signatures: 0,
    sealed: true,
    limits_off: false,
    keep(requests) {
      kept = requests;
    },
    async requests(authority) {
      // One more than the connections use: it is sent to see what is answered.
      const spare = await maker.rotating(1);
      const made = kept === null
        ? (await maker.rotating(connections * GRANTS_A_CONNECTION))
        : [];
      const fresh = [...spare, ...made].map(({ app, refresh_token }) =>
        postJson(authority, '/auth/oauthtoken', {
          grant_type: 'refresh_token',
          refresh_token,
          client_id: app.id,
          client_secret: app.secret,
        }));
      return [...fresh, ...(kept ?? [])];
    },
  };
}

export function renewWorkload({ maker, seconds }: TradovateBed): Workload {
  return {
    name: 'renew',
    says: WORKLOADS.renew,
    once: false,
    chained: false,
    signatures: 2,
    sealed: false,
    limits_off: false,
    async requests(authority) {
      const count = Math.ceil((seconds * RENEWALS_A_SECOND_MAX) / RENEWALS_A_SESSION);
      return (await maker.sessions(count)).map((token) => [
        'GET /auth/renewaccesstoken HTTP/1.1',
        `Host: ${authority}`,
        `Authorization: Bearer ${token}`,
        'Accept: application/json',
        '',
        '',
      ].join('\r\n'));
    },
  };
}

export function loginWorkload({ stock, customers }: TradovateBed): Workload {
  return {
    name: 'login',
    says: WORKLOADS.login,
    once: false,
    chained: false,
    signatures: 2,
    sealed: false,
    limits_off: true,
    requests: (authority) => Promise.resolve(customers.map(({ login_name, password }) =>
      postJson(authority, '/auth/accesstokenrequest',
        loginMembers(stock.key, { login_name, password } as User)))),
  };
}

function postJson(authority: string, path: string, members: object): string {
  const body = JSON.stringify(members);
  return [
    `POST ${path} HTTP/1.1`,
    `Host: ${authority}`,
    'Accept: application/json',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
