/**
 * Operations on the brokerage's entities (contract §13): their permission is checked here, and
 * behind the check stands nothing yet but the example resources of §12.10.
 */
import type { ProfileAnswer } from '../../../core/commands.ts';
import type { Account, AccountClassification } from '../../../core/kinds/account.ts';
import { type Route, answerBy } from '../../../core/routes.ts';
import { accepted } from '../../../core/rules/refusals.ts';
import { emptyAnswer, okAnswer, secondsTime } from '../answers.ts';
import { tokenCheck } from '../decode/decode-session.ts';
import { permissionFor } from '../permissions.ts';
import { profileOf } from '../profile.ts';
import type { TradovateOptions } from '../settings.ts';
import { refuseBy } from './calls.ts';

export type ExampleResource = (profile: ProfileAnswer) => readonly object[];

/** By `entity/operation`: what programs read after they have signed in. */
const EXAMPLES: ReadonlyMap<string, ExampleResource> = new Map<string, ExampleResource>([
  ['account/list', ({ accounts, number }) => accountObjects(accounts, number)],
  ['userproperty/deps', () => []],
]);

/** @param operation `entity/operation` in lower case; null when there is none, or none is served */
export function exampleOf(
  { settings }: TradovateOptions,
  operation: string,
): ExampleResource | null {
  return settings.example_resources ? EXAMPLES.get(operation) ?? null : null;
}

/** Any operation of an entity; unknown ones need full access, as everything that changes does. */
export function entityOperation(options: TradovateOptions): Route['answer'] {
  return (request, dispatch) => {
    const operation = request.path.toLowerCase().replace(/^\/v1\//, '');
    const permission = permissionFor(operation);
    if (permission === null) return Promise.resolve(NOTHING);
    const example = exampleOf(options, operation);
    return answerBy({
      command: 'read_profile',
      decode: (asked) => accepted(tokenCheck(asked, profileOf(options), [permission])),
      encode: (profile) => example === null ? NOTHING : okAnswer(example(profile)),
      refuse: refuseBy(options),
    })(request, dispatch);
  };
}

const NOTHING = { ...emptyAnswer(404), log: { outcome: 'refused', reason: 'nothing is here' } };

const LEGAL_STATUS: { readonly [C in AccountClassification]: string } = {
  individual: 'Individual',
  entity: 'Corporation',
  joint_survivor: 'Joint',
  traditional_ira: 'IRA',
  roth_ira: 'IRA',
  rollover_ira: 'IRA',
  sep_ira: 'IRA',
};

function accountObjects(accounts: readonly Account[], user_number: number): readonly object[] {
  return accounts.map(({ number, status, classification, created_at }) => ({
    id: numericId(number),
    name: number,
    userId: user_number,
    accountType: 'Customer',
    active: status === 'active',
    legalStatus: LEGAL_STATUS[classification],
    marginAccountType: 'Speculator',
    timestamp: secondsTime(created_at),
  }));
}

/** Clients want an integer; the digits of the account's own number are one. */
function numericId(number: string): number {
  return Number(number.replace(/\D/g, '').slice(-15));
}
