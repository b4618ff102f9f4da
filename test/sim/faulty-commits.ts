/** Commits that are late, lose conflicts, abort, or end nobody knows how; all from one seed. */
import type { AtomResult } from '../../src/ports/store.ts';
import { type OnCommit, aborted, turns, unknown } from '../flows/watched-store.ts';

export type Odds = {
  readonly conflict: number;
  readonly abort: number;
  /** Written, but the answer was lost. */
  readonly lost_answer: number;
  /** Not written, and nobody knows. */
  readonly lost_batch: number;
};

export const CALM: Odds = { conflict: 0, abort: 0, lost_answer: 0, lost_batch: 0 };
export const ROUGH: Odds = { conflict: 0.15, abort: 0.1, lost_answer: 0.05, lost_batch: 0.05 };

/** `random` gives numbers from 0 up to 1. */
export function faultyCommits(random: () => number, odds: Odds): OnCommit {
  return async (batch, commit) => {
    await turns(Math.floor(random() * 4));
    const draw = random();
    if (draw < odds.abort) throw aborted();
    if (draw < odds.abort + odds.lost_batch) throw unknown();
    const kept = batch.atoms.map(() => random() >= odds.conflict);
    const results = await commit({ ...batch, atoms: batch.atoms.filter((_, i) => kept[i]) });
    if (draw < odds.abort + odds.lost_batch + odds.lost_answer) throw unknown();
    const written = results.values();
    return kept.map((one): AtomResult => (one ? (written.next().value ?? 'conflict') : 'conflict'));
  };
}
