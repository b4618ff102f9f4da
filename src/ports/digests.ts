/** One-way functions. High-entropy secrets need no slow hash (DR-01, ASVS 6.5.2). */
export type Digests = {
  /** base64url SHA-256 of UTF-8 text, 43 characters. */
  sha256(text: string): string;
  /**
   * Peppered digest of a short, guessable value (a name, a subnet, a user code): HMAC-SHA-256
   * under a pepper derived from the master key, which is never in the database (DR-02).
   */
  shortValue(text: string): string;
  /** Lower-case hex HMAC-SHA-256 of UTF-8 text; the key is given in base64url. */
  hmac(key: string, text: string): string;
};
