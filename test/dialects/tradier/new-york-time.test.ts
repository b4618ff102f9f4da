import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newYorkTime } from '../../../src/dialects/tradier/new-york-time.ts';

test('summer, winter, and both sides of each change of the clock', () => {
  const cases = {
    '2014-05-28T13:33:35Z': '2014-05-28T09:33:35-04:00',
    '2026-01-15T05:00:00Z': '2026-01-15T00:00:00-05:00',
    '2026-03-08T06:59:59Z': '2026-03-08T01:59:59-05:00',
    '2026-03-08T07:00:00Z': '2026-03-08T03:00:00-04:00',
    '2026-11-01T05:59:59Z': '2026-11-01T01:59:59-04:00',
    '2026-11-01T06:00:00Z': '2026-11-01T01:00:00-05:00',
    '2026-01-01T04:59:59Z': '2025-12-31T23:59:59-05:00',
    '2028-02-29T17:00:00Z': '2028-02-29T12:00:00-05:00',
  };
  for (const [utc, local] of Object.entries(cases)) {
    assert.equal(newYorkTime(Date.parse(utc)), local);
    assert.equal(newYorkTime(Date.parse(utc) + 999), local, 'no fraction');
  }
});

test('every instant, in any order, is the same instant in New York', () => {
  const from = Date.parse('2008-01-01T00:00:00Z');
  const to = Date.parse('2099-12-31T23:59:59Z');
  const zone = new Intl.DateTimeFormat('en-CA', {
    timeZone: 'America/New_York', dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23',
  });
  fc.assert(fc.property(fc.integer({ min: from, max: to }), (at) => {
    const text = newYorkTime(at);
    assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00$/);
    assert.equal(Date.parse(text), Math.floor(at / 1000) * 1000);
    assert.equal(zone.format(at).replace(', ', 'T'), text.slice(0, 19));
  }), { numRuns: 2000 });
});
