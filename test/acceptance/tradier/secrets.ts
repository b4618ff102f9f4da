/** What a test file has seen of secrets, to look for in the server's log afterwards. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { APPS, CUSTOMERS } from '../../outside/fixtures.ts';
import type { Server } from '../../world.ts';

const seen = new Set<string>();

export function noteSecrets(...values: readonly string[]): void {
  for (const value of values) if (value !== '') seen.add(value);
}

/** One line of the server's log. */
export type LogLine = { readonly [field: string]: unknown };

/** Fails when the log shows a secret that was noted, or one of the fixtures. */
export function assertLogHoldsNoSecret(server: Server): void {
  const log = server.log();
  assert.ok(logLines(server).length > 0, 'there is a log to look at');
  const fixed = [
    ...Object.values(APPS).flatMap((app) => [app.secret, app.basic.slice('Basic '.length)]),
    ...Object.values(CUSTOMERS).map(({ password }) => password),
  ];
  for (const secret of [...seen, ...fixed]) {
    assert.ok(!log.includes(secret), `the log shows ${secret.slice(0, 20)}…`);
  }
}

/** JSON lines of the log so far. */
export function logLines(server: Server): LogLine[] {
  return server.log().split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return []; // the last line may still be on its way
    }
  });
}

/** Lines that `write` leads to and that match; waits a little, for the log is written behind. */
export async function linesOf(
  server: Server,
  write: () => Promise<unknown>,
  matches: (line: LogLine) => boolean,
): Promise<LogLine[]> {
  const before = logLines(server).length;
  await write();
  for (let tries = 0; ; tries += 1) {
    const found = logLines(server).slice(before).filter(matches);
    if (found.length > 0 || tries >= 100) return found;
    await pause(10);
  }
}
