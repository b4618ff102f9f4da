/** This dialect's scope grammar: commas, blanks or both (contract §3). */

/** Words of a scope parameter as they came; null when it was absent or names none. */
export function scopeWordsOf(text: string | null): readonly string[] | null {
  const words = (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
  return words.length === 0 ? null : words;
}
