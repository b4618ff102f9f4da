/** Secrets that the server must read again, sealed apart from everything else (DR-05). */
export type Vault = {
  /** The text opens for this record of this kind alone. */
  seal(record: string, secret: string): string;
  /** Null when it is another record's, was altered, or is under another master key. */
  open(record: string, sealed: string): string | null;
  /**
   * Seals a refresh token's successor: it opens only with the token before it and the window key
   * together, so that neither a dump nor the token alone yields it (RP-20).
   */
  sealSuccessor(under: SuccessorKey, successor: string): string;
  openSuccessor(under: SuccessorKey, sealed: string): string | null;
};

export type SuccessorKey = {
  /** The token that was presented. */
  readonly presented: string;
  /** Text of the window key. */
  readonly window_secret: string;
  /** Id of the grant. */
  readonly family: string;
  /** Of the successor. */
  readonly generation: number;
};
