/** This dialect's scope grammar: commas, blanks or both (contract §3). */

/** Words of a scope parameter; null when it was absent or empty. */
export function scopeWordsOf(text: string | null): readonly string[] | null {
  const words = (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
  if (text === null || text === '') return null;
  return [...new Set(words)];
}
