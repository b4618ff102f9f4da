/**
 * The closed table of scopes. A set of scopes is a bit mask, so that containment is one operation
 * and a record holds a number. Dialects translate their words; order here is the order of answers.
 */
import { AREAS, areaWord } from './areas.ts';

export const SCOPES = [
  { word: 'read', bit: 1, says: 'See your account details, balances, positions and orders' },
  { word: 'write', bit: 2, says: 'Change account data such as watchlists, but not place trades' },
  { word: 'trade', bit: 4, says: 'Place, change and cancel orders with your money' },
  { word: 'market', bit: 8, says: 'See market data such as quotes and option chains' },
  { word: 'stream', bit: 16, says: 'Open live streams of market data and account events' },
] as const;

export type ScopeWord = (typeof SCOPES)[number]['word'];

/** Every scope of the plain words; areas are apart and never part of it. */
export const ALL_SCOPES: number = SCOPES.reduce((mask, scope) => mask | scope.bit, 0);

/** Which words a dialect's apps are registered with and may ever hold. */
export type Vocabulary = 'words' | 'areas';

/** A scope as people and other programs see it: its word, its bits, what it means. */
export type WordedScope = { readonly word: string; readonly bits: number; readonly says: string };

const AREA_SCOPES: readonly WordedScope[] = AREAS.flatMap((area) => [
  { word: areaWord(area.name, 'FullAccess'), bits: area.read | area.full, says: area.full_says },
  { word: areaWord(area.name, 'Read'), bits: area.read, says: area.read_says },
]);

/** Every word of a vocabulary; of an area the higher level comes first. */
export const VOCABULARIES: { readonly [V in Vocabulary]: readonly WordedScope[] } = {
  words: SCOPES.map(({ word, bit, says }) => ({ word, bits: bit, says })),
  areas: AREA_SCOPES,
};

const ALL_WORDS: readonly WordedScope[] = [...VOCABULARIES.words, ...AREA_SCOPES];
const BITS = new Map(ALL_WORDS.map(({ word, bits }) => [word, bits]));

/** Mask of the known words among `words`; unknown words count for nothing, case matters. */
export function scopeMask(words: readonly string[]): number {
  let mask = 0;
  for (const word of words) mask |= BITS.get(word) ?? 0;
  return mask;
}

/** Words of a mask in the table's order; of an area the highest level it holds. */
export function scopeWords(mask: number): string[] {
  return scopesOf(mask).map(({ word }) => word);
}

/** The rows that a mask holds, the lower level of an area left out beside the higher one. */
export function scopesOf(mask: number): WordedScope[] {
  let shown = 0;
  return ALL_WORDS.filter(({ bits }) => {
    if ((bits & ~mask) !== 0 || (bits & ~shown) === 0) return false;
    shown |= bits;
    return true;
  });
}

/** True when every scope of `inner` is in `outer`. */
export function scopesWithin(inner: number, outer: number): boolean {
  return (inner & ~outer) === 0;
}
