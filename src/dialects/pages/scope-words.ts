/** What an app or program may do, in the words of the pages; what moves money stands apart. */
import { AREAS, areaWord } from '../../core/rules/scopes/areas.ts';
import type { ScopeView } from '../../core/views.ts';
import type { WorldName } from '../../core/world.ts';

/** Who may do it: an app she allowed, or a program that signed in as her. */
export type Holder = 'app' | 'program';

/** Scopes that let it act on the market in the customer's name, or move the limits of her loss. */
const ORDERS = new Set(['trade', 'Orders:FullAccess']);
const RISKS = new Set(['Risks:FullAccess']);

const PAPER_WORDS: { readonly [word: string]: string } = {
  'trade': 'Place, change and cancel practice orders, with no real money',
  'Orders:FullAccess':
    'Place, change and cancel practice orders, with no real money; see orders and fills',
  'Risks:FullAccess':
    'Change the risk limits of your practice accounts; see limits and margin requirements',
};

export type ScopeGroups = {
  readonly trading: readonly ScopeView[];
  readonly other: readonly ScopeView[];
};

/** Splits scopes into those that trade and the rest, worded for the world. */
export function scopeGroups(scopes: readonly ScopeView[], world: WorldName): ScopeGroups {
  const worded = scopes.map((scope) => {
    const says = world === 'paper' ? PAPER_WORDS[scope.word] : undefined;
    return says === undefined ? scope : { ...scope, says };
  });
  const trades = ({ word }: ScopeView): boolean => ORDERS.has(word) || RISKS.has(word);
  return {
    trading: worded.filter(trades),
    other: worded.filter((scope) => !trades(scope)),
  };
}

export type TradingWords = { readonly title: string; readonly says: string };

/** Title and warning of the box around what trades. */
export function tradingWords(
  trading: readonly ScopeView[],
  world: WorldName,
  holder: Holder,
): TradingWords {
  const orders = trading.some(({ word }) => ORDERS.has(word));
  const risks = trading.some(({ word }) => RISKS.has(word));
  const can = [
    ...(orders ? [world === 'live' ? 'trade for you' : 'place practice trades for you'] : []),
    ...(risks ? [`change your ${world === 'live' ? '' : 'practice '}risk limits`] : []),
  ];
  const stake = world === 'live' ? liveStake(orders, risks) : paperStake(orders);
  return {
    title: `It can ${can.join(' and ')}`,
    says: `${stake}. The ${holder} does not ask you each time.`,
  };
}

function liveStake(orders: boolean, risks: boolean): string {
  if (!orders) return 'Risk limits hold down what you can lose of real money';
  const lost = 'Orders use real money, which can be lost';
  return risks ? `${lost}; risk limits hold down how much` : lost;
}

function paperStake(orders: boolean): string {
  return orders ? 'Orders are simulated' : 'No real money is at stake';
}

/** Highest first. */
export const LEVELS = ['Full access', 'Read'] as const;

export type AreaWords = {
  readonly name: string;
  readonly level: (typeof LEVELS)[number];
};

/** Permission areas as people read them; other scope words are not in it. */
const AREA_WORDS = new Map(AREAS.flatMap((area): [string, AreaWords][] => {
  const name = area.name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return [
    [areaWord(area.name, 'Read'), { name, level: 'Read' }],
    [areaWord(area.name, 'FullAccess'), { name, level: 'Full access' }],
  ];
}));

/** Area and level of `Orders:Read` and its like; null for every other word. */
export function areaWords(word: string): AreaWords | null {
  return AREA_WORDS.get(word) ?? null;
}
