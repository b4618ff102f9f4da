import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { jsonLog, logLine } from '../../src/adapters/json-log.ts';
import type { LogFields, LogLevel } from '../../src/ports/log.ts';
import { START, worldKeys } from './world-keys.ts';

function written(level: LogLevel, work: (log: ReturnType<typeof jsonLog>) => void): string[] {
  let text = '';
  const log = jsonLog({ write: (part) => { text += part; } }, level, () => START);
  work(log);
  log.flush();
  return text.split('\n').slice(0, -1);
}

/** Characters that a terminal obeys. */
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

const HEAD = { time: new Date(START).toISOString(), level: 'info', message: 'm' } as const;

describe('the log', () => {
  it('is one JSON object a line, with time, level and message', () => {
    const [line = ''] = written('info', (log) =>
      log.write('info', 'started', { port: 4400, world: 'live', none: undefined, nil: null }),
    );
    assert.deepEqual(JSON.parse(line), {
      time: '2026-11-24T00:00:00.000Z', level: 'info', message: 'started', port: 4400,
      world: 'live', nil: null,
    });
  });

  it('leaves out what is below its level', () => {
    const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
    const lines = written('warn', (log) => {
      for (const level of levels) log.write(level, level, {});
    });
    assert.deepEqual(lines.map((line) => JSON.parse(line).level), ['warn', 'error']);
  });

  it('P-10 any value leaves one short, valid line that obeys no terminal', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.constantFrom('\r\n{"x":1}', '\u001b[31m', '\u0085\u2028\u202e', '%s%n', '\ud800'),
      fc.double(), fc.boolean(), fc.constant(null),
    );
    const fields = fc.dictionary(fc.string(), value, { maxKeys: 4 });
    fc.assert(fc.property(fields, fc.string(), (given, message) => {
      const line = logLine({ ...HEAD, message }, given as LogFields);
      assert.equal(line.indexOf('\n'), line.length - 1);
      assert.doesNotMatch(line.slice(0, -1), OBEYED);
      const parsed = JSON.parse(line);
      assert.equal(parsed.level, 'info');
      assert.equal(parsed.time, HEAD.time);
    }), { numRuns: 2000 });
  });

  it('LG-01 values of a megabyte are cut at 1 kB', () => {
    const line = logLine(HEAD, { address: 'x'.repeat(1_000_000) });
    assert.ok(line.length < 1300, `${line.length}`);
    assert.match(line, /1000000 characters/);
  });

  it('LG-02 blots out what looks like a secret of ours, wherever it stands, whole or cut', () => {
    const { handles, seals } = worldKeys();
    const parts = { shard: 'abcdefghijk', record: 'ABCDEFGHIJK', generation: 1 };
    const secrets = [
      handles.mint('rt', parts).text, handles.mint('login', parts).text,
      handles.mint('code', parts).text.slice(0, 40), seals.csrf('c', 'p'),
      `${handles.mint('pt', parts).text}00`,
    ];
    for (const secret of secrets) {
      const tail = secret.slice(secret.lastIndexOf('_', 12) + 1);
      const line = logLine(
        { ...HEAD, message: `got ${secret}` },
        { token: secret, url: `/x?code=${secret}&y`, long: `${'x'.repeat(1015)}${secret}` },
      );
      assert.ok(!line.includes(tail.slice(0, 12)), line);
      assert.match(line, /\[redacted\]/);
    }
  });

  it('a field takes no name of the line’s own', () => {
    const parsed = JSON.parse(logLine(HEAD, { level: 'error', time: 'never', message: 'x' }));
    assert.deepEqual([parsed.level, parsed.time, parsed.message], ['info', HEAD.time, 'm']);
  });

  it('a reader that stands still costs bounded memory, and lost lines are counted', () => {
    let text = '';
    const stream = { writableLength: 10_000_000, write: (part: string) => { text += part; } };
    const log = jsonLog(stream, 'info', () => START);
    for (let i = 0; i < 5; i++) log.write('info', 'lost', {});
    stream.writableLength = 0;
    log.write('info', 'kept', {});
    log.flush();
    assert.deepEqual(JSON.parse(text).lines_dropped, 5);
    assert.doesNotMatch(text, /lost"/);
  });

  it('an error is written at once, the rest within the turn', async () => {
    let text = '';
    const log = jsonLog({ write: (part) => { text += part; } }, 'info', () => START);
    log.write('info', 'first', {});
    assert.equal(text, '');
    await new Promise((resolve) => setImmediate(resolve));
    assert.match(text, /first/);
    log.write('error', 'second', {});
    assert.match(text, /second/);
  });
});
