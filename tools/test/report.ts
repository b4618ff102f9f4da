import type { EventData } from 'node:test';
import { inspect, stripVTControlCharacters } from 'node:util';

/** Sums over all files, for the closing line that CI reads. */
export type Tally = { passed: number; failed: number; skipped: Map<string, string[]> };

/** Prints one line a file, a failure in full, and keeps the tally. */
export type Reporter = {
  readonly tally: Tally;
  readonly failed: (data: EventData.TestFail) => void;
  readonly passed: (data: EventData.TestPass) => void;
  readonly said: (data: EventData.TestStdout | EventData.TestStderr) => void;
  readonly closed: (data: EventData.TestSummary) => void;
  /** Prints what the files said that ended without closing (a crash, the time limit). */
  readonly end: () => void;
};

/** Makes the reporter; `root` is cut off the names of files. */
export function createReporter(root: string, print: (text: string) => void): Reporter {
  const tally: Tally = { passed: 0, failed: 0, skipped: new Map() };
  const output = new Map<string, string>();
  const failures = new Map<string, string[]>();
  const short = (file: string | undefined): string => (file ?? '').replace(`${root}/`, '');
  return {
    tally,
    said: ({ file, message }) => {
      output.set(file, `${output.get(file) ?? ''}${message}`);
    },
    passed: ({ name, skip, todo, details, file }) => {
      const reason = skip ?? todo;
      if (reason === undefined || reason === false) {
        if (details.type !== 'suite' && name !== file) tally.passed += 1;
        return;
      }
      const why = reason === true || reason === '' ? 'no reason given' : reason;
      tally.skipped.set(why, [...(tally.skipped.get(why) ?? []), name]);
    },
    failed: ({ name, details, file, line }) => {
      const error = details.error as Error & { failureType?: string };
      if (error.failureType === 'subtestsFailed') return;
      tally.failed += 1;
      const cause = error.cause ?? error;
      const why = inspect(cause, { colors: process.stdout.hasColors?.() ?? false });
      const key = file ?? '';
      const text = `  FAILED ${name} (${short(file)}:${line ?? 1})\n${indent(why)}\n`;
      failures.set(key, [...(failures.get(key) ?? []), text]);
    },
    closed: ({ file, counts, duration_ms, success }) => {
      if (file === undefined) return;
      const { passed, skipped } = counts;
      const failed = failures.get(file)?.length ?? 0;
      const numbers = [
        `${passed} passed`,
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(skipped > 0 ? [`${skipped} skipped`] : []),
      ].join(', ');
      const seconds = (duration_ms / 1000).toFixed(1);
      print(`${success ? 'ok    ' : 'FAILED'} ${short(file)}  ${numbers} (${seconds} s)\n`);
      for (const text of failures.get(file) ?? []) print(text);
      if (!success) print(lastLines(output.get(file)));
      failures.delete(file);
      output.delete(file);
    },
    end: () => {
      for (const [file, texts] of failures) {
        print(`FAILED ${short(file)}  did not finish\n${texts.join('')}`);
        print(lastLines(output.get(file)));
      }
    },
  };
}

const indent = (text: string): string => text.replaceAll(/^/gm, '    ');

// What a failed file wrote is often the server's own log: its end tells most.
function lastLines(text: string | undefined): string {
  if (text === undefined || text.trim() === '') return '';
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  return `  last lines it wrote:\n${indent(lines.slice(-30).join('\n'))}\n`;
}
