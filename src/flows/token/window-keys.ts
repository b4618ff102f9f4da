/**
 * Window keys: one a minute, under which the successors of refresh tokens are sealed that rotate
 * in it. Kept sealed, remembered while in use, gone when the last window that began in it is over.
 */
import { accepted } from '../../core/rules/refusals.ts';
import type { WindowKey } from '../../core/kinds/short-lived.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Entropy } from '../../ports/entropy.ts';
import { StoreFault } from '../../ports/store.ts';
import type { Vault } from '../../ports/vault.ts';
import type { UnitOfWork } from '../unit-of-work.ts';

export type WindowKeys = {
  /**
   * The keys of this minute and of the one before, newest first; this minute's is made, and
   * durable, before it is answered. A retry window is no longer than a minute.
   */
  both(): Both | Promise<Both>;
};

export type Both = readonly [WindowSecret, WindowSecret | null];

export type WindowSecret = {
  /** The minute's number. */
  readonly number: number;
  /** 43 characters of base62. */
  readonly secret: string;
  readonly expires_at: number;
};

const MINUTE_MS = 60_000;
const SECRET_CHARS = 43;

type Parts = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly vault: Vault;
  readonly work: UnitOfWork;
  /** Read at each use. */
  readonly retry_s: () => number;
};

const SOURCE = { actor: 'server', address: 'local', request_id: 'window-key' } as const;

export function createWindowKeys(parts: Parts): WindowKeys {
  let known: Both | null = null;
  let under_way: { readonly number: number; readonly both: Promise<Both> } | null = null;

  async function load(number: number): Promise<Both> {
    const [newest] = known ?? [];
    const before = newest?.number === number - 1 && parts.clock.now() < newest.expires_at
      ? newest
      : await readKey(parts, number - 1);
    known = [await makeKey(parts, number), before];
    return known;
  }

  return {
    both() {
      const now = parts.clock.now();
      const number = Math.floor(now / MINUTE_MS);
      if (known?.[0].number === number) {
        // Its last window is over within this minute: from then on nothing opens with it.
        const [, before] = known;
        if (before !== null && now >= before.expires_at) known = [known[0], null];
        return known;
      }
      if (under_way?.number === number) return under_way.both;
      const both = load(number).finally(() => {
        under_way = null;
      });
      under_way = { number, both };
      return both;
    },
  };
}

/** Two that make the same minute's key get the same one: the record decides. */
async function makeKey(parts: Parts, number: number): Promise<WindowSecret> {
  const id = String(number);
  const expires_at = (number + 1) * MINUTE_MS + parts.retry_s() * 1000;
  const result = await parts.work.run<WindowKey>({
    keys: [{ kind: 'window-key', id }],
    decide(facts) {
      const present = facts.get('window-key', id);
      if (present !== undefined) return { result: accepted(present), changes: [], events: [] };
      const secret = parts.entropy.base62(SECRET_CHARS);
      const value = { sealed: parts.vault.seal(recordOf(id), secret), expires_at };
      const change = { kind: 'window-key', id, value } as const;
      return { result: accepted(value), changes: [change], events: [] };
    },
  }, SOURCE);
  if (!result.ok) throw new StoreFault(`no window key: ${result.refusal.reason}`, false);
  return openKey(parts, number, result.value);
}

async function readKey(parts: Parts, number: number): Promise<WindowSecret | null> {
  const id = String(number);
  const result = await parts.work.run<WindowKey | null>({
    keys: [],
    shares: [{ kind: 'window-key', id }],
    decide: (facts) => ({
      result: accepted(facts.get('window-key', id) ?? null), changes: [], events: [],
    }),
  }, SOURCE);
  const gone = !result.ok || result.value === null ||
    parts.clock.now() >= result.value.expires_at;
  return gone ? null : openKey(parts, number, result.value);
}

function openKey({ vault }: Parts, number: number, { sealed, expires_at }: WindowKey) {
  const secret = vault.open(recordOf(String(number)), sealed);
  if (secret === null) throw new StoreFault('a window key does not open', false);
  return { number, secret, expires_at };
}

function recordOf(id: string): string {
  return `window-key/${id}`;
}
