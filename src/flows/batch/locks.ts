/**
 * Which records the batches in flight hold. A record that may change is held by one batch alone;
 * records that are only read (a customer's standing) may be shared by several.
 */
import type { RecordKey } from '../../core/kinds/kinds.ts';
import { keyText } from './overlay.ts';

export type Wants = {
  /** Records that may change. */
  readonly keys: readonly RecordKey[];
  /** Records that are only read. */
  readonly shares: readonly RecordKey[];
};

/** What one batch holds: true = alone. */
export type Held = Map<string, boolean>;

export type Locks = {
  /** Could a batch that already holds `held` take these now? */
  free(wants: Wants, held: Held): boolean;
  /** Takes them and returns the keys that were not held before, once each. */
  take(wants: Wants, held: Held): RecordKey[];
  release(held: Held): void;
};

export function createLocks(): Locks {
  /** Batches that hold a record, and whether one of them holds it alone. */
  const holders = new Map<string, { count: number; alone: boolean }>();

  function mayTake(text: string, held: Held, alone: boolean): boolean {
    const mine = held.get(text);
    if (mine === true || (mine === false && !alone)) return true;
    const now = holders.get(text);
    if (now === undefined) return true;
    const others = now.count - (mine === undefined ? 0 : 1);
    return alone ? others === 0 : !now.alone;
  }

  function takeOne(key: RecordKey, held: Held, alone: boolean): boolean {
    const text = keyText(key);
    const mine = held.get(text);
    if (mine === undefined) {
      const now = holders.get(text) ?? { count: 0, alone: false };
      holders.set(text, { count: now.count + 1, alone: now.alone || alone });
      held.set(text, alone);
      return true;
    }
    if (alone && !mine) {
      const now = holders.get(text);
      if (now !== undefined) now.alone = true;
      held.set(text, true);
    }
    return false;
  }

  return {
    free: ({ keys, shares }, held) =>
      keys.every((key) => mayTake(keyText(key), held, true)) &&
      shares.every((key) => mayTake(keyText(key), held, false)),
    take: ({ keys, shares }, held) => [
      ...keys.filter((key) => takeOne(key, held, true)),
      ...shares.filter((key) => takeOne(key, held, false)),
    ],
    release(held) {
      for (const [text, alone] of held) {
        const now = holders.get(text);
        if (now === undefined) continue;
        now.count -= 1;
        if (alone) now.alone = false;
        if (now.count === 0) holders.delete(text);
      }
      held.clear();
    },
  };
}
