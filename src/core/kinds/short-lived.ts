/** Small records that live for minutes: penalty tickets, sign-in challenges, window keys. */

/**
 * Ticket: what a caller beyond a limit waits with. Its id is a digest of endpoint, subnet and
 * body; its text is computed from the id and the serial, so that no row yields it.
 */
export type Ticket = {
  readonly serial: number;
  readonly state: 'waiting' | 'used';
  /** Epoch ms from which it is good. */
  readonly good_from: number;
  readonly expires_at: number;
};

/** Challenge: what a first-party key answers instead of sending its secret. Id: its digest. */
export type Challenge = {
  readonly subnet: string;
  readonly device: string | null;
  readonly state: 'unused' | 'used';
  readonly expires_at: number;
};

/**
 * Window key: seals the successors of refresh tokens that rotate in one minute, and is destroyed
 * when the last lost-reply window that began in it is over (RP-20). Id: the minute's number.
 */
export type WindowKey = {
  readonly sealed: string;
  readonly expires_at: number;
};
