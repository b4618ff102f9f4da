/**
 * Durability by order (I3): a reply that carries a token is written after the sync of the log that
 * holds its commit. Judged from system calls alone, so that no luck of survival can pass for it.
 */
import { firstString } from './trace.ts';
import type { SystemCall } from './trace.ts';

export type Verdict = {
  /** Replies with a token that were found in the trace and judged. */
  readonly judged: number;
  /** Tokens whose reply was written before its commit was synced. */
  readonly early: readonly string[];
  /** Tokens that the trace does not show in any reply. */
  readonly unseen: readonly string[];
};

const SYNCS = ['fdatasync', 'fsync'];
const SENDS = ['write', 'writev', 'sendto', 'sendmsg'];
/** A frame's header in SQLite's write-ahead log: 24 bytes, of which 4–7 mark a commit. */
const FRAME_HEADER_BYTES = 24;
const PLACE = /\\"n\\":\\"([^"\\]+)\\"/g;
const TOKEN = /\\"access_token\\":\\"([\w.~-]+)\\"/g;

/**
 * @param calls the trace
 * @param places by access token, the place in the audit trail (`lane/epoch/batch`) of the event
 *   that was written in the commit that made the token valid
 */
export function judgeOrder(
  calls: readonly SystemCall[],
  places: ReadonlyMap<string, string>,
): Verdict {
  const durable = durablePlaces(calls);
  const seen = new Set<string>();
  const early: string[] = [];
  for (const { entered } of sends(calls)) {
    for (const token of entered.tokens) {
      const place = places.get(token);
      if (place === undefined || seen.has(token)) continue;
      seen.add(token);
      const synced = durable.get(place);
      if (synced === undefined || synced >= entered.line) early.push(token);
    }
  }
  const unseen = [...places.keys()].filter((token) => !seen.has(token));
  return { judged: seen.size, early, unseen };
}

function sends(calls: readonly SystemCall[]) {
  return calls
    .filter(({ name, result }) => SENDS.includes(name) && result > 0)
    .map(({ text, entered }) => ({
      entered: { line: entered, tokens: [...text.matchAll(TOKEN)].map((match) => match[1] ?? '') },
    }));
}

/** By place in the audit trail, the line where the sync that covers its commit was left. */
function durablePlaces(calls: readonly SystemCall[]): Map<string, number> {
  const durable = new Map<string, number>();
  const written = new Set<string>();
  let in_transaction: string[] = [];
  let committed: { place: string; left: number }[] = [];
  let commits = false;
  for (const call of calls.filter(({ target, result }) => target.endsWith('-wal') && result >= 0)) {
    if (call.name === 'pwrite64' && call.result === FRAME_HEADER_BYTES) {
      commits = firstString(call.text).subarray(4, 8).some((byte) => byte !== 0);
    } else if (call.name === 'pwrite64' && call.result > FRAME_HEADER_BYTES) {
      // A page holds earlier rows too: a place belongs to the commit that wrote it first.
      const fresh = [...call.text.matchAll(PLACE)]
        .map((match) => match[1] ?? '')
        .filter((place) => !written.has(place));
      for (const place of fresh) written.add(place);
      in_transaction.push(...fresh);
      if (!commits) continue;
      committed.push(...in_transaction.map((place) => ({ place, left: call.left })));
      in_transaction = [];
    } else if (SYNCS.includes(call.name)) {
      const covered = committed.filter(({ left }) => left < call.entered);
      for (const { place } of covered) durable.set(place, call.left);
      committed = committed.filter((one) => !covered.includes(one));
    }
  }
  return durable;
}
