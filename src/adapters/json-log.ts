/** The log: one JSON object a line, bounded, nothing secret, nothing that a terminal obeys. */
import type { Log, LogFields, LogLevel } from '../ports/log.ts';
import { redact } from './tokens/shapes.ts';

/** What the log writes to; process.stderr is one. */
export type LogStream = {
  write(text: string): unknown;
  readonly writableLength?: number;
};

export type JsonLog = Log & {
  /** Hands over what is still held; call it before the process ends. */
  flush(): void;
};

const LEVELS: { readonly [level in LogLevel]: number } = {
  debug: 10, info: 20, warn: 30, error: 40,
};
const VALUE_CHARS_MAX = 1024;
const HELD_CHARS_MAX = 65_536;
/** A reader that stands still must not eat memory: beyond this, lines are dropped and counted. */
const BACKLOG_BYTES_MAX = 8_388_608;
/** DEL, C1 controls, line and paragraph separators, bidirectional and zero-width characters. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Lines below `level` are not written. Lines are handed over together, errors at once. */
export function jsonLog(
  stream: LogStream,
  level: LogLevel,
  now: () => number = Date.now,
): JsonLog {
  const lowest = LEVELS[level];
  let held = '';
  let dropped = 0;
  let waiting = false;

  function flush(): void {
    waiting = false;
    if (held === '') return;
    const text = held;
    held = '';
    stream.write(text);
  }

  function hold(text: string, urgent: boolean): void {
    held += text;
    if (urgent || held.length >= HELD_CHARS_MAX) return flush();
    if (waiting) return;
    waiting = true;
    setImmediate(flush);
  }

  return {
    flush,
    write(of_level, message, fields) {
      const rank = LEVELS[of_level];
      if (rank < lowest) return;
      if ((stream.writableLength ?? 0) > BACKLOG_BYTES_MAX) {
        dropped += 1;
        return;
      }
      const lost = dropped > 0 ? { lines_dropped: dropped } : {};
      dropped = 0;
      const time = new Date(now()).toISOString();
      const line = logLine({ time, level: of_level, message }, { ...fields, ...lost });
      hold(line, rank >= LEVELS.error);
    },
  };
}

type LineHead = { readonly time: string; readonly level: LogLevel; readonly message: string };

/** One line with its line feed. Exported for its property test (P-10). */
export function logLine(head: LineHead, fields: LogFields): string {
  // Without a prototype every name is an ordinary one.
  const line = Object.create(null) as Record<string, unknown>;
  Object.assign(line, head, { message: clean(head.message) });
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (value === undefined) continue;
    // A field never takes the place of time, level or message.
    line[name in line ? `${name}_` : name] = typeof value === 'string' ? clean(value) : value;
  }
  return `${JSON.stringify(line).replace(UNSAFE, escapeOne)}\n`;
}

/** Redacted before it is cut: half a secret is a secret. */
function clean(text: string): string {
  const safe = redact(text);
  return safe.length <= VALUE_CHARS_MAX
    ? safe
    : `${safe.slice(0, VALUE_CHARS_MAX).toWellFormed()}… (${safe.length} characters)`;
}

function escapeOne(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
