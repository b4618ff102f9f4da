/**
 * A world is one of two separate brokerages in one product: `live` (real money) and `paper`
 * (simulation). They share a process and nothing else; run-time code never reads the other one.
 */
export type WorldName = 'live' | 'paper';

export const WORLD_NAMES: readonly WorldName[] = ['live', 'paper'];

/**
 * A value that belongs to one world. The name is part of the type, so that a function for paper
 * cannot be handed the live store: `World<'live'>` is not assignable to `World<'paper'>`.
 */
export type World<W extends WorldName> = {
  readonly name: W;
  /** The world's issuer identifier (RFC 9207 `iss`), from configuration, never from a request. */
  readonly issuer: string;
  /** Origin of the world's pages, e.g. `https://auth.broker.example`. */
  readonly pages_origin: string;
};
