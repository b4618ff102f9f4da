/** Committing a batch's atoms, and answering their members when that is durable. */
import type { Log } from '../../ports/log.ts';
import { type Atom, type AtomResult, type Store, StoreFault } from '../../ports/store.ts';
import type { Decided, Member } from './members.ts';
import type { Overlay, OverlayAtom } from './overlay.ts';
import type { RecordCache } from './record-cache.ts';
import type { Resident } from './resident.ts';

type CommitParts = {
  readonly store: Store;
  readonly resident: Resident;
  readonly cache: RecordCache;
  readonly log: Log;
  /** The batch's clock, epoch ms. */
  readonly at: number;
};

type Group = { readonly overlay: OverlayAtom; readonly atom: Atom };

/** Writes what must be written; returns the members that lost a conflict. */
export async function commitAtoms(
  parts: CommitParts,
  decided: readonly Decided[],
  overlay: Overlay,
): Promise<readonly Member[]> {
  const groups: Group[] = [];
  for (const atom of overlay.atoms(decided.length)) {
    const events = atom.members.flatMap((number) => decided[number]?.events ?? []);
    if (atom.changes.length === 0 && events.length === 0) {
      answer(atom, decided);
      continue;
    }
    groups.push({ overlay: atom, atom: { changes: atom.changes, events } });
  }
  if (groups.length === 0) return [];
  const results = await commitGroups(parts, groups);
  const lost = settle(parts, groups, results, decided);
  const unsure = groups.filter((_, i) => results[i] !== 'applied')
    .flatMap(({ atom }) => atom.changes);
  parts.cache.forget(unsure);
  await parts.resident.reload(unsure);
  return lost;
}

/**
 * Once whole; after an abort once more whole, then atom by atom, so that a poisoned atom harms
 * itself alone. When the outcome of COMMIT is unknown nothing is tried again: a server that
 * retried itself would take its own first attempt for a replay.
 */
async function commitGroups(
  parts: CommitParts,
  groups: readonly Group[],
): Promise<readonly (AtomResult | StoreFault)[]> {
  const atoms = groups.map((group) => group.atom);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return await parts.store.commit({ at: parts.at, atoms });
    } catch (error) {
      const fault = asFault(error);
      parts.log.write('warn', 'commit aborted', { error: fault.message, atoms: atoms.length });
      if (fault.outcome_unknown) return groups.map(() => fault);
    }
  }
  const results: (AtomResult | StoreFault)[] = [];
  for (const atom of atoms) results.push(await commitAlone(parts, atom));
  return results;
}

async function commitAlone(parts: CommitParts, atom: Atom): Promise<AtomResult | StoreFault> {
  try {
    const [result] = await parts.store.commit({ at: parts.at, atoms: [atom] });
    return result ?? new StoreFault('the store answered for no atom', true);
  } catch (error) {
    return asFault(error);
  }
}

function settle(
  parts: CommitParts,
  groups: readonly Group[],
  results: readonly (AtomResult | StoreFault)[],
  decided: readonly Decided[],
): readonly Member[] {
  const lost: Member[] = [];
  groups.forEach(({ overlay, atom }, i) => {
    const result = results[i] ?? new StoreFault('the store answered for too few atoms', true);
    if (result === 'applied') {
      parts.resident.applied(atom.changes);
      parts.cache.applied(atom.changes);
      answer(overlay, decided);
      return;
    }
    for (const number of overlay.members) {
      const member = decided[number]?.member;
      if (member === undefined) continue;
      if (result === 'conflict') lost.push(member);
      else member.reject(result);
    }
  });
  return lost;
}

function answer(atom: OverlayAtom, decided: readonly Decided[]): void {
  for (const number of atom.members) {
    const one = decided[number];
    one?.member.resolve(one.result);
  }
}

function asFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  return new StoreFault(error instanceof Error ? error.message : 'unknown', true, error);
}
