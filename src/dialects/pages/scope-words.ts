/** What an app may do, in the words of the pages; what moves money stands apart. */
import type { ScopeView } from '../../core/views.ts';
import type { WorldName } from '../../core/world.ts';

/** Scopes that let an app act on the market in the customer's name. */
const TRADING = new Set(['trade']);

const PAPER_TRADE = 'Place, change and cancel practice orders, with no real money';

export type ScopeGroups = {
  readonly trading: readonly ScopeView[];
  readonly other: readonly ScopeView[];
};

/** Splits scopes into those that trade and the rest, worded for the world. */
export function scopeGroups(scopes: readonly ScopeView[], world: WorldName): ScopeGroups {
  const worded = scopes.map((scope) =>
    world === 'paper' && scope.word === 'trade' ? { ...scope, says: PAPER_TRADE } : scope);
  return {
    trading: worded.filter((scope) => TRADING.has(scope.word)),
    other: worded.filter((scope) => !TRADING.has(scope.word)),
  };
}
