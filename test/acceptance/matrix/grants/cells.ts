/** The form of CV-03's matrix: dialect × grant × check, each cell cases or a sentence. */
import type { AuthorizeParameters } from '../../../outside/browser.ts';
import type { Answer } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import { assertTokenError } from '../../tradier/answers.ts';
import type { TokenErrorId } from '../../tradier/answers.ts';
import { assertErrorText, assertOAuthError, assertUnauthorized } from '../../tradovate/answers.ts';
import type { OAuthErrorId, Sent } from '../../tradovate/answers.ts';
import { assertEmpty } from '../../tradovate/sessions/answers.ts';
import type { Change, Lab } from './lab.ts';

/** The row's nine, what every grant besides must hold, and what has no column of its own. */
export const CHECKS = [
  'client binding', 'client authentication', 'user state', 'consent', 'scope', 'audience',
  'world', 'expiry', 'replay', 'redirect address', 'PKCE', 'dialect',
  'user authentication', 'form of the request',
] as const;

export type Check = (typeof CHECKS)[number];

export type Case = {
  readonly says: string;
  /** The rule that refuses, as the log names it. */
  readonly rule: string;
  readonly reason?: string;
  readonly refused: (answer: Answer, site: WorldSite) => void;
  /** Parameters of the authorization request that comes first. */
  readonly asks?: AuthorizeParameters;
  /** Of the good request, where it differs with what was asked for. */
  readonly usual?: Change;
  readonly minted_in?: 'paper';
  /** What happens before the request. */
  readonly before?: (lab: Lab, value: string) => Promise<unknown>;
  readonly change?: (lab: Lab, value: string) => Change | Promise<Change>;
  /** Undoes `before`. */
  readonly after?: (lab: Lab) => Promise<unknown>;
};

/** Cases, or the sentence that says why the check cannot be violated here. */
export type Cell = readonly Case[] | string;

export type Row = { readonly [C in Check]: Cell };

export const E = (id: TokenErrorId, name?: string): Case['refused'] =>
  (answer, site) => assertTokenError(site, answer, id, name);

export const O = (id: OAuthErrorId, field?: string): Case['refused'] =>
  (answer) => assertOAuthError(answer, id, field);

export const U = (sent: Sent): Case['refused'] =>
  (answer) => assertUnauthorized(answer, sent);

export const T = (text: string, members?: object): Case['refused'] =>
  (answer) => assertErrorText(answer, text, members);

export const CLOSED: Case['refused'] = (answer) => assertEmpty(answer, 408);

/** The same sentence in every cell of a grant that a dialect does not have. */
export function rowOf(sentence: string): Row {
  return Object.fromEntries(CHECKS.map((check) => [check, sentence])) as Row;
}

export const lock = ({ act }: Lab): Promise<unknown> =>
  act('customer.set-status', { customer: 'alice', status: 'locked' });

export const unlock = ({ act }: Lab): Promise<unknown> =>
  act('customer.set-status', { customer: 'alice', status: 'active' });

/** The customer takes the app off her list. */
export const withdraw = (app: string) => ({ act }: Lab): Promise<unknown> =>
  act('grant.end', { customer: 'alice', app });

export const disable = (app: string) => ({ act }: Lab): Promise<unknown> =>
  act('app.disable', { app });

export const approve = (app: string) => ({ act }: Lab): Promise<unknown> =>
  act('app.approve', { app });

export const wait = (seconds: number) => ({ server }: Lab): Promise<void> =>
  server.control.advance(seconds);
