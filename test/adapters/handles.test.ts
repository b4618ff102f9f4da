/** Handles: found by their record, refused without the store, one spelling each. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BASE62 } from '../../src/adapters/crypto/base62.ts';
import { SECRET_PATTERNS } from '../../src/adapters/tokens/shapes.ts';
import { keyRecordId } from '../../src/core/kinds/key.ts';
import { StoreFault } from '../../src/ports/store.ts';
import type { HandleKind } from '../../src/ports/handles.ts';
import { START, aMasterKey, alterations, worldKeys } from './world-keys.ts';

const KINDS: readonly HandleKind[] = ['code', 'rt', 'pt', 'flow', 'login'];
const PARTS = { shard: 'abcdefghijk', record: 'ABCDEFGHIJK', generation: 7 };
const id = fc.string({
  unit: fc.constantFrom(...BASE62.split('')),
  minLength: 11, maxLength: 11,
});

describe('handles', () => {
  const { handles } = worldKeys();

  it('open to what they were made of, and digest the whole text', () => {
    const parts = fc.record({
      kind: fc.constantFrom(...KINDS), shard: id, record: id,
      generation: fc.integer({ min: 0, max: 62 ** 6 - 1 }),
    });
    fc.assert(fc.property(parts, ({ kind, ...rest }) => {
      const { text, digest } = handles.mint(kind, rest);
      assert.equal(digest, createHash('sha256').update(text).digest('base64url'));
      assert.deepEqual(handles.open(kind, text), { ...rest, digest });
    }), { numRuns: 2000 });
  });

  it('have one length a kind, and fit where a code must fit', () => {
    for (const kind of KINDS) {
      const made = Array.from({ length: 200 }, () => handles.mint(kind, PARTS).text.length);
      assert.equal(new Set(made).size, 1);
    }
    assert.match(handles.mint('code', PARTS).text, /^[A-Za-z0-9_-]{22,128}$/);
  });

  it('never repeat', () => {
    const made = new Set(Array.from({ length: 5000 }, () => handles.mint('rt', PARTS).text));
    assert.equal(made.size, 5000);
  });

  it('any single altered character, cut or addition is refused', () => {
    for (const kind of KINDS) {
      const { text } = handles.mint(kind, PARTS);
      for (const altered of alterations(text)) {
        assert.equal(typeof handles.open(kind, altered), 'string', altered);
      }
    }
  });

  it('a handle of one kind is none of another', () => {
    for (const made of KINDS) {
      for (const asked of KINDS) {
        const opened = handles.open(asked, handles.mint(made, PARTS).text);
        assert.equal(typeof opened === 'string', made !== asked, `${made} as ${asked}`);
      }
    }
  });

  it('what belongs to the other world is told by its prefix alone', () => {
    const paper = worldKeys('paper').handles;
    assert.equal(handles.open('rt', paper.mint('rt', PARTS).text), 'other_world');
    assert.equal(handles.open('rt', 'cs_paper_'), 'other_world');
    assert.equal(paper.open('rt', handles.mint('rt', PARTS).text), 'other_world');
  });

  it('renamed to the other world it does not open there, even under one master key', () => {
    const master_key = aMasterKey();
    const live = worldKeys('live', master_key);
    const paper = worldKeys('paper', master_key);
    const renamed = live.handles.mint('rt', PARTS).text.replace('cs_live_', 'cs_paper_');
    assert.equal(paper.handles.open('rt', renamed), 'malformed');
    assert.throws(() => paper.keyring.load(live.records), { name: 'BootError' });
  });
});

describe('keys of handles', () => {
  it('a retired key checks, a later one issues, a removed one does neither', () => {
    const { handles, keyring, records, clock } = worldKeys();
    const old = handles.mint('rt', PARTS).text;
    const next = keyring.create('handle', 2, { created_at: START, active_from: START + 1000 });
    keyring.load([...records, next]);
    // The next key does not issue before its time.
    assert.equal(handles.mint('rt', PARTS).text.slice(0, 13), 'cs_live_rt_01');
    clock.advance(1000);
    assert.equal(handles.mint('rt', PARTS).text.slice(0, 13), 'cs_live_rt_02');
    assert.notEqual(typeof handles.open('rt', old), 'string');
    const retired = records.map((record) =>
      record.purpose === 'handle' ? { ...record, retired_at: START + 2000 } : record,
    );
    keyring.load([...retired, next]);
    clock.advance(5000);
    assert.notEqual(typeof handles.open('rt', old), 'string');
    keyring.load([...retired.map((record) => ({ ...record, removed_at: START + 9000 })), next]);
    assert.notEqual(typeof handles.open('rt', old), 'string');
    clock.advance(9000);
    assert.equal(handles.open('rt', old), 'malformed');
  });

  it('DR-05 a damaged or exchanged key is a fault for itself and an alarm', () => {
    const { handles, keyring, records, alarms } = worldKeys();
    const { text } = handles.mint('rt', PARTS);
    const [handle, token, ...rest] = records;
    assert.ok(handle && token);
    const exchanged = [
      { ...handle, sealed: token.sealed }, { ...token, sealed: handle.sealed },
    ];
    keyring.load([...exchanged, ...rest]);
    assert.equal(alarms.length, 2);
    assert.throws(() => handles.open('rt', text), StoreFault);
    assert.throws(() => handles.mint('rt', PARTS), StoreFault);
    keyring.load(records);
    assert.notEqual(typeof handles.open('rt', text), 'string');
  });

  it('DR-05 an envelope is bound to purpose, number and world, and to every bit', () => {
    const { keyring, records } = worldKeys();
    const [handle] = records;
    assert.ok(handle);
    const bad = [
      { ...handle, number: 2 },
      { ...handle, purpose: 'token' as const },
      ...[...alterations(handle.sealed)].map((sealed) => ({ ...handle, sealed })),
    ];
    for (const record of bad) {
      // Alone in its load: nothing opens, and the whole load is refused.
      const id_of = keyRecordId(record.purpose, record.number);
      assert.throws(() => keyring.load([record]), { name: 'BootError' }, id_of);
    }
  });

  it('the master key of the other data opens nothing', () => {
    const { records } = worldKeys();
    assert.throws(() => worldKeys('live').keyring.load(records), { name: 'BootError' });
  });

  it('without an active key nothing is issued', () => {
    const { handles, keyring } = worldKeys();
    keyring.load([]);
    assert.throws(() => handles.mint('rt', PARTS), StoreFault);
    assert.equal(handles.open('rt', `cs_live_rt_01${'0'.repeat(88)}`), 'malformed');
  });
});

describe('secret patterns', () => {
  it('EI-07 each matches what it names, whole, and nothing else of ours', () => {
    const { handles, seals, entropy } = worldKeys();
    const made: [string, string][] = [
      ['secret', `cs_live_secret_${entropy.base62(43)}`],
      ...KINDS.map((kind): [string, string] => [kind, handles.mint(kind, PARTS).text]),
      ['at', seals.sealToken({
        customer: 'abcdefghijk', grant: 'abcdefghijkABCDEFGHIJK', number: 1, scopes: 31,
        issued_at_s: 1_795_000_000, lifetime_s: 86_399,
      })],
      ['req', seals.sealRequest({
        id: 'x', app: 'y', dialect: 'z', redirect_uri: 'https://a.example', scopes: 1, state: null,
        code_challenge: null, expires_at: 1, browser: null, code_lifetime_s: 600,
        access_token_lifetime_s: 86_399, resource: null, nonce: null, refreshes: false,
        grant_lifetime_s: null,
        issuer: 'https://issuer.example', page_path: '/authorize',
      })],
      ['csrf', seals.csrf('cookie', 'consent')],
    ];
    for (const [kind, text] of made) {
      const matching = SECRET_PATTERNS.filter(({ pattern }) =>
        new RegExp(`^(?:${pattern})$`).test(text),
      );
      assert.equal(matching.length, 1, `${kind}: ${matching.map(({ name }) => name).join()}`);
      assert.match(matching[0]!.pattern, new RegExp(`_${kind}_`));
    }
    assert.equal(SECRET_PATTERNS.length, made.length);
  });
});
