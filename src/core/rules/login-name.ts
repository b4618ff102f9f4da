/** Login names: one canonical form for sign-in, limits and collisions (CS-11, HP-13). */

const LENGTH_MAX = 64;

/** Control, format (zero-width, bidi), surrogate, private-use and unassigned characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/**
 * NFKC, case folded, trimmed, inner blanks folded to one. Null when nothing is left, when it is
 * longer than 64 characters, or when it holds characters nobody can see.
 */
export function canonicalLoginName(text: string): string | null {
  const folded = caseFold(text.normalize('NFKC')).normalize('NFKC').trim();
  // Before blanks are folded: U+FEFF counts as a blank.
  if (INVISIBLE.test(folded)) return null;
  const name = folded.replace(/\s+/gu, ' ');
  return name === '' || Array.from(name).length > LENGTH_MAX ? null : name;
}

/** Upper, then lower: `ß` and `SS`, `ς` and `σ` become one (Unicode §5.18, full folding). */
function caseFold(text: string): string {
  // Lower case puts the final sigma back at the end of a word.
  return text.toUpperCase().toLowerCase().replaceAll('\u03c2', '\u03c3');
}
