/** Who gives way when a customer has too many streams, and what ends with them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type BoundSubject, type OpenSocket, closingSockets,
} from '../../../src/core/rules/socket-limits.ts';

const LIMITS = { sockets: 4, addresses: 3 };

/** `S1` a session, `G1.2` the second token of a grant. */
function subject(text: string): BoundSubject {
  const [name = '', number = '1'] = text.split('.');
  return {
    is: name.startsWith('S') ? 'session' : 'grant', id: name, customer: 'c', number: Number(number),
  };
}

/** `name subject address`, oldest first. */
function open(...rows: readonly string[]): OpenSocket[] {
  return rows.map((row) => {
    const [socket = '', of = '', address = ''] = row.split(' ');
    return { socket, subject: subject(of), address };
  });
}

type Row = {
  readonly says: string;
  readonly open: readonly string[];
  readonly sockets?: readonly string[];
  readonly addresses?: readonly string[];
  readonly revoke?: readonly string[];
};

const ROWS: readonly Row[] = [
  { says: 'nobody, while nobody is there', open: [] },
  { says: 'nobody within the limits', open: ['a S1 1', 'b S1 1', 'c S2 2', 'd S2 3'] },
  {
    says: 'the oldest, with its session and all that rests on it',
    open: ['a S1 1', 'b S2 1', 'c S1 1', 'd S2 1', 'e S2 1'],
    sockets: ['a', 'c'],
    revoke: ['S1'],
  },
  {
    says: 'the oldest alone, when the newest rests on the same session',
    open: ['a S1 1', 'b S1 1', 'c S1 1', 'd S1 1', 'e S1 1'],
    sockets: ['a'],
  },
  {
    says: 'the oldest alone, when the newest rests on another token of its grant',
    open: ['a G1.1 1', 'b G1.1 1', 'c G1.1 1', 'd G1.1 1', 'e G1.2 1'],
    sockets: ['a'],
  },
  {
    says: 'of a grant those of the one token that ends',
    open: ['a G1.1 1', 'b G1.2 1', 'c G1.1 1', 'd S1 1', 'e S1 1'],
    sockets: ['a', 'c'],
    revoke: ['G1.1'],
  },
  {
    says: 'the oldest of the fourth address',
    open: ['a S1 1', 'b S2 2', 'c S2 3', 'd S2 4'],
    addresses: ['a'],
    revoke: ['S1'],
  },
  {
    says: 'first for their number, then for their addresses',
    open: ['a S1 1', 'b S1 2', 'c S1 3', 'd S1 2', 'e S1 4'],
    sockets: ['a'],
  },
  {
    says: 'two for their number and one for its address',
    open: ['a S1 1', 'b S1 1', 'c S1 2', 'd S1 3', 'e S1 4', 'f S1 4'],
    sockets: ['a', 'b'],
  },
];

describe('closing streams', () => {
  for (const { says, sockets = [], addresses = [], revoke = [], ...row } of ROWS) {
    it(`takes ${says}`, () => {
      const closing = closingSockets(open(...row.open), LIMITS);
      const of = (state: string) =>
        closing.close.filter((one) => one.state === state).map(({ socket }) => socket);
      assert.deepEqual([of('sockets_full'), of('addresses_full')], [sockets, addresses]);
      assert.deepEqual(closing.revoke, revoke.map(subject));
    });
  }

  it('takes the whole address, not the newest of it', () => {
    const rows = open('a S1 1', 'b S1 1', 'c S2 2', 'd S2 3', 'e S2 4');
    const { close, revoke } = closingSockets(rows, { sockets: 9, addresses: 3 });
    assert.deepEqual(close.map(({ socket, state }) => `${socket} ${state}`),
      ['a addresses_full', 'b addresses_full']);
    assert.deepEqual(revoke, [subject('S1')]);
  });

  const any = fc.array(fc.record({
    subject: fc.constantFrom('S1', 'S2', 'G1.1', 'G1.2', 'G2.1').map(subject),
    address: fc.constantFrom('1', '2', '3', '4', '5'),
  }), { maxLength: 12 }).map((rows) =>
    rows.map((row, at): OpenSocket => ({ ...row, socket: String(at) })));

  it('leaves what is within the limits, and always the newest with what it rests on', () => {
    const limits = fc.record({
      sockets: fc.integer({ min: 1, max: 9 }), addresses: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(fc.property(any, limits, (rows, allowed) => {
      const { close, revoke } = closingSockets(rows, allowed);
      const gone = new Set(close.map(({ socket }) => socket));
      const left = rows.filter(({ socket }) => !gone.has(socket));
      assert.ok(left.length <= allowed.sockets);
      assert.ok(new Set(left.map(({ address }) => address)).size <= allowed.addresses);
      const newest = rows.at(-1);
      if (newest === undefined) return assert.deepEqual(close, []);
      assert.ok(left.includes(newest));
      assert.ok(revoke.every(({ id }) => id !== newest.subject.id));
      for (const ended of revoke) {
        const same = left.filter(({ subject: { id, number } }) =>
          id === ended.id && (ended.is === 'session' || number === ended.number));
        assert.deepEqual(same, [], 'nothing stays on what has ended');
      }
    }));
  });
});
