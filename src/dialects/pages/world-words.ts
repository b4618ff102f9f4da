/** How a page says which world it stands in: in words first, in shape and colour besides. */
import type { WorldName } from '../../core/world.ts';

export type WorldWords = {
  readonly badge: string;
  readonly title: string;
  readonly says: string;
  /** `your … accounts`. */
  readonly accounts: string;
};

export const WORLD_WORDS: { readonly [W in WorldName]: WorldWords } = {
  live: {
    badge: 'LIVE',
    title: 'Real accounts, real money',
    says: 'What you allow here counts for your brokerage accounts and the money in them.',
    accounts: 'live accounts',
  },
  paper: {
    badge: 'PAPER',
    title: 'Practice trading, no real money',
    says: 'Nothing you allow here can reach your real accounts or your money.',
    accounts: 'paper accounts',
  },
};
