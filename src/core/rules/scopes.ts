/**
 * The closed table of scopes. A set of scopes is a bit mask, so that containment is one operation
 * and a record holds a number. Dialects translate their words; order here is the order of answers.
 */
export const SCOPES = [
  { word: 'read', bit: 1, says: 'See your account details, balances, positions and orders' },
  { word: 'write', bit: 2, says: 'Change account data such as watchlists, but not place trades' },
  { word: 'trade', bit: 4, says: 'Place, change and cancel orders with your money' },
  { word: 'market', bit: 8, says: 'See market data such as quotes and option chains' },
  { word: 'stream', bit: 16, says: 'Open live streams of market data and account events' },
] as const;

export type ScopeWord = (typeof SCOPES)[number]['word'];

export const ALL_SCOPES: number = SCOPES.reduce((mask, scope) => mask | scope.bit, 0);

/** Mask of the known words among `words`; unknown words count for nothing, case matters. */
export function scopeMask(words: readonly string[]): number {
  let mask = 0;
  for (const scope of SCOPES) if (words.includes(scope.word)) mask |= scope.bit;
  return mask;
}

/** Words of a mask in the table's order. */
export function scopeWords(mask: number): ScopeWord[] {
  return SCOPES.filter((scope) => (mask & scope.bit) !== 0).map((scope) => scope.word);
}

/** True when every scope of `inner` is in `outer`. */
export function scopesWithin(inner: number, outer: number): boolean {
  return (inner & ~outer) === 0;
}
