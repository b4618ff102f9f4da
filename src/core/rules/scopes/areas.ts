/**
 * Permission areas: what an app or an API key may be registered for, each at a level. A mask holds
 * two bits an area; full access holds both, so that the lower of two levels is an intersection.
 */
export type Level = 'Denied' | 'Read' | 'FullAccess';

export type Area = {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** Bits of the mask. */
  readonly read: number;
  readonly full: number;
  /** False where only an API key can hold full access. */
  readonly offers_full: boolean;
  readonly read_says: string;
  readonly full_says: string;
};

type AreaRow = {
  readonly name: string;
  readonly read: string;
  /** What full access adds; areas that offer none can be held by an API key's session alone. */
  readonly full?: string;
};

const ROWS: readonly AreaRow[] = [
  { name: 'Accounting', read: 'See balances, cash movements and margin of your accounts' },
  {
    name: 'Alerts',
    read: 'See your alerts and what they signalled',
    full: 'Create, change and delete your alerts; see what they signalled',
  },
  {
    name: 'Chat',
    read: 'Read your support chats',
    full: 'Write in your support chats and close them; read them',
  },
  { name: 'Configuration', read: 'See trading settings such as strategy types and entitlements' },
  { name: 'ContractLibrary', read: 'Look up contracts, products, exchanges and currencies' },
  { name: 'Fees', read: 'See fees and the plans for market data' },
  {
    name: 'Orders',
    read: 'See your orders and fills',
    full: 'Place, change and cancel orders; see orders and fills',
  },
  { name: 'Positions', read: 'See your positions and how they were filled' },
  { name: 'Prices', read: 'See market data such as quotes, depth and charts' },
  {
    name: 'Risks',
    read: 'See your risk limits and margin requirements',
    full: 'Change your risk limits; see limits and margin requirements',
  },
  { name: 'Users', read: 'See who you are: name, e-mail address and subscriptions' },
];

/** Bits 0 to 4 are the plain scope words. */
const FIRST_BIT = 5;

/** In the order of their ids, which are public and never change. */
export const AREAS: readonly Area[] = ROWS.map(({ name, read, full }, place) => ({
  id: place + 1,
  name,
  description: full ?? read,
  read: 1 << (FIRST_BIT + 2 * place),
  full: 1 << (FIRST_BIT + 2 * place + 1),
  offers_full: full !== undefined,
  read_says: read,
  full_says: full ?? `${read}, and change them`,
}));

/** Everything that an API key's session may hold when nothing else is said. */
export const ALL_AREAS: number = AREAS.reduce((mask, { read, full }) => mask | read | full, 0);

/** `Orders:FullAccess`: the written form of a permission. */
export function areaWord(name: string, level: Exclude<Level, 'Denied'>): string {
  return `${name}:${level}`;
}

/** Levels that an app can be granted, lowest first. */
export function levelsOf({ offers_full }: Area): readonly Level[] {
  return offers_full ? ['Denied', 'Read', 'FullAccess'] : ['Denied', 'Read'];
}

/** The level a mask holds of an area. */
export function levelIn(mask: number, { read, full }: Area): Level {
  if ((mask & full) !== 0) return 'FullAccess';
  return (mask & read) === 0 ? 'Denied' : 'Read';
}
