/** The operators' way in: HTTP on a socket in the data directory that only its owner may open. */
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { BootError } from '../../core/boot-error.ts';
import type { Log } from '../../ports/log.ts';
import { answerAct } from './act-endpoint.ts';
import { problem, readJson, sendJson } from './json-answer.ts';
import type { StartedWorld } from '../server.ts';

/** What the system leaves room for (`sun_path`). */
const PATH_BYTES_MAX = 107;

export type AdminSocket = { close(): Promise<void> };

export async function openAdminSocket(
  path: string,
  worlds: readonly StartedWorld[],
  log: Log,
): Promise<AdminSocket> {
  const server = createServer((message, raw) => {
    const answer = message.method === 'POST' && message.url === '/act'
      ? readJson(message).then((value) => answerAct(worlds, value, 'local'))
      : Promise.resolve(problem(404, 'only POST /act'));
    answer.then(
      (one) => sendJson(raw, one),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        if (!(error instanceof SyntaxError)) log.write('error', 'act failed', { reason });
        const status = error instanceof SyntaxError ? 400 : 503;
        sendJson(raw, problem(status, status === 400 ? 'the body is not JSON' : reason));
      },
    );
  });
  if (Buffer.byteLength(path) > PATH_BYTES_MAX) {
    throw new BootError(`${path} is too long a path for a socket: set a shorter data_dir`);
  }
  // A socket file left by a killed process; the store's lock says that nobody serves it.
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  return {
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
