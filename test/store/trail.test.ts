/** The packed trail: nothing is lost in packing, and no edit goes unseen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ACTIONS, type Action, type AuditEvent } from '../../src/core/events.ts';
import { type LaneHead, nextRows } from '../../src/store/trail/chain.ts';
import { packEvents, unpackEvents } from '../../src/store/trail/pack-events.ts';
import { type TrailRow, verifyChain } from '../../src/store/trail/verify-chain.ts';
import { NOW, anEvent } from './records.ts';

const word = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a', '0', 'ok', '1'));
const maybe = fc.option(word, { nil: undefined });

const anyEvent: fc.Arbitrary<AuditEvent> = fc.record({
  action: fc.constantFrom(...Object.keys(ACTIONS) as Action[]),
  outcome: fc.constantFrom('ok', 'refused', 'alert'),
  actor: word, address: word, request_id: word,
  app: maybe, customer: maybe, object: maybe, detail: maybe, before: maybe, after: maybe,
  at: fc.integer({ min: 0, max: NOW }),
  class: fc.constant('token' as const),
});

/** Without the members that are there but undefined. */
function plain(event: AuditEvent): unknown {
  return JSON.parse(JSON.stringify(event));
}

describe('packed events', () => {
  it('come back as they went in', () => {
    fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), (events) => {
      const body = packEvents('main.token/1/1', events);
      assert.deepEqual(unpackEvents({ body, class: 'token' }).map(plain), events.map(plain));
    }), { numRuns: 2000 });
  });

  it('a refresh in a batch of 64 takes at most 80 bytes (P12 asks 120)', () => {
    const events = Array.from({ length: 64 }, (_, i) => anEvent({
      customer: `Customer${String(i).padStart(3, '0')}`,
      object: `Record${String(i).padStart(5, '0')}`,
      request_id: `req-${String(i).padStart(12, '0')}`,
      address: `198.51.100.${i % 8}`,
    }));
    const bytes = Buffer.byteLength(packEvents('main.token/1/1', events)) / events.length;
    assert.ok(bytes <= 80, `${bytes} bytes an event`);
  });
});

/** A trail of several lanes and epochs, as a store would have written it. */
function trailOf(batches: number): TrailRow[] {
  const heads = new Map<AuditEvent['class'], LaneHead>();
  const rows: TrailRow[] = [];
  for (let i = 0; i < batches; i++) {
    const events = [anEvent({ object: `o${i}`, at: NOW + i })];
    if (i % 3 === 0) events.push(anEvent({ class: 'admin', object: `o${i}` }));
    if (i % 4 === 1) events.push(anEvent({ object: 'second' }));
    for (const row of nextRows(heads, 1 + Math.floor(i / 5), events)) {
      heads.set(row.class as AuditEvent['class'], row);
      rows.push({ ...row, row: rows.length + 1 });
    }
  }
  return rows;
}

/** What a person with the whole database at hand may do to one row. */
type Edit = { readonly what: 'delete' | 'swap' | 'duplicate'; readonly at: number };

const TRAIL = trailOf(16);

describe('the chain', () => {
  it('holds over lanes and epochs', () => {
    assert.equal(verifyChain(TRAIL).ok, true);
    assert.ok(new Set(TRAIL.map(({ epoch }) => epoch)).size > 2);
  });

  it('AU-05 an edited row is named: any member, any character', () => {
    const fields = ['lane', 'epoch', 'batch', 'class', 'count', 'body', 'hash'] as const;
    const places = fc.record({
      at: fc.nat(TRAIL.length - 1), field: fc.constantFrom(...fields), place: fc.nat(300),
    });
    fc.assert(fc.property(places, ({ at, field, place }) => {
      const rows = TRAIL.map((row) => ({ ...row }));
      const row = rows[at]!;
      const value = row[field];
      const edited = typeof value === 'number'
        ? value + 1 + place
        : flip(value, place % value.length);
      rows[at] = { ...row, [field]: edited };
      const verdict = verifyChain(rows);
      assert.equal(verdict.ok, false);
      if (!verdict.ok) assert.equal(verdict.bad.row, row.row);
    }), { numRuns: 2000 });
  });

  it('a chain that was written with a gap, or twice in one epoch, is named too', () => {
    const [first] = nextRows(new Map(), 2, [anEvent()]);
    assert.ok(first);
    const after_first = (epoch: number, batch: number): TrailRow[] => {
      const heads = new Map([['token' as const, { epoch, batch: batch - 1, hash: first.hash }]]);
      const [second] = nextRows(heads, epoch, [anEvent()]);
      assert.ok(second);
      return [{ ...first, row: 1 }, { ...second, row: 2 }];
    };
    assert.equal(verifyChain(after_first(2, 2)).ok, true);
    assert.equal(verifyChain(after_first(3, 1)).ok, true);
    for (const [epoch, batch] of [[2, 3], [2, 1], [1, 1], [3, 2]] as const) {
      const verdict = verifyChain(after_first(epoch, batch));
      assert.equal(verdict.ok, false, `${epoch}/${batch}`);
      if (!verdict.ok) assert.equal(verdict.bad.row, 2);
    }
  });

  it('a row that is removed, moved or repeated is found', () => {
    const edits = fc.record({
      what: fc.constantFrom('delete', 'swap', 'duplicate'),
      at: fc.nat(TRAIL.length - 1),
    }) as fc.Arbitrary<Edit>;
    fc.assert(fc.property(edits, (edit) => {
      const rows = applyEdit(edit);
      if (rows !== null) assert.equal(verifyChain(rows).ok, false, JSON.stringify(edit));
    }), { numRuns: 500 });
  });
});

/** Null when the edit changes nothing that a chain without an outside anchor can show. */
function applyEdit({ what, at }: Edit): TrailRow[] | null {
  const rows = [...TRAIL];
  const row = rows[at]!;
  if (what === 'delete') {
    const last_of_lane = !rows.slice(at + 1).some(({ lane }) => lane === row.lane);
    if (last_of_lane) return null;
    rows.splice(at, 1);
    return rows;
  }
  if (what === 'duplicate') {
    rows.splice(at, 0, row);
    return rows;
  }
  const other = rows.findIndex(({ lane }, i) => i > at && lane === row.lane);
  if (other < 0) return null;
  rows[at] = { ...rows[other]!, row: row.row };
  rows[other] = { ...row, row: rows[other]!.row };
  return rows;
}

function flip(text: string, at: number): string {
  const changed = String.fromCharCode(text.charCodeAt(at) ^ 1);
  return text.slice(0, at) + changed + text.slice(at + 1);
}
