/** Base62 of fixed width: every value has exactly one spelling, so an altered one never passes. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < 62; i++) VALUES[BASE62.charCodeAt(i)] = i;

/** Characters that 96 bits need: 62^17 > 2^96 > 62^16. */
export const TAG_CHARS = 17;

/** Three digits at once keep every intermediate below 2^53. */
const THREE_DIGITS = 62 ** 3;

/** The first 96 bits of `bytes` as 17 base62 characters. */
export function base62Of96Bits(bytes: Uint8Array): string {
  const limbs = [0, 2, 4, 6, 8, 10].map((i) => ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  let text = '';
  while (text.length < TAG_CHARS + 1) {
    let rest = 0;
    for (let i = 0; i < 6; i++) {
      const part = rest * 65_536 + (limbs[i] ?? 0);
      const whole = Math.floor(part / THREE_DIGITS);
      limbs[i] = whole;
      rest = part - whole * THREE_DIGITS;
    }
    text = base62OfNumber(rest, 3) + text;
  }
  return text.slice(-TAG_CHARS);
}

/** A safe integer in exactly `width` characters. Throws when it does not fit. */
export function base62OfNumber(value: number, width: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < width; i++) {
    text = BASE62.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  if (rest !== 0 || value < 0) throw new RangeError(`${value} does not fit ${width} characters`);
  return text;
}

/** The number that `text` spells; -1 when a character is not base62. */
export function numberOfBase62(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = VALUES[text.charCodeAt(i)] ?? -1;
    if (digit < 0) return -1;
    value = value * 62 + digit;
  }
  return value;
}

/** Is every character from `from` on one of the 62? */
export function isBase62(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    if ((VALUES[text.charCodeAt(i)] ?? -1) < 0) return false;
  }
  return true;
}
