/** Randomness as a port. */
export type Entropy = {
  /** `length` uniform characters of [0-9A-Za-z]; 43 carry 256 bits. */
  base62(length: number): string;
  /** `length` uniform decimal digits, the first not 0. */
  digits(length: number): string;
};
