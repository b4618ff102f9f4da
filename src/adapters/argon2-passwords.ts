/** Password hashing: Argon2id (RFC 9106) in a bounded pool, so that sign-ins cannot take it all. */
import { randomBytes } from 'node:crypto';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { type Passwords, PasswordsBusy } from '../ports/passwords.ts';

export type Argon2Options = {
  /** KiB; never below 19456 in production (DR-04, OWASP). */
  readonly memory_kib: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** Hashes computed at once. */
  readonly concurrency: number;
  /** Calls that may wait for one; more are refused with PasswordsBusy. */
  readonly queue_max: number;
  /** Secret value K of RFC 9106 §3.1, kept outside the database; null = none. */
  readonly pepper: Uint8Array | null;
};

export const ARGON2_DEFAULTS: Argon2Options = {
  memory_kib: 19_456,
  iterations: 2,
  parallelism: 1,
  concurrency: 2,
  queue_max: 64,
  pepper: null,
};

export type Argon2Passwords = Passwords & {
  /** Hashes computed since the start: a timing row is proven by counting (EN-02). */
  readonly counts: { hashes: number };
};

export function argon2Passwords(options: Partial<Argon2Options> = {}): Argon2Passwords {
  const settings = { ...ARGON2_DEFAULTS, ...options };
  const counts = { hashes: 0 };
  const secret = settings.pepper === null ? {} : { secret: settings.pepper };
  const dummy = dummyHash(settings);
  const run = boundedPool(settings.concurrency, settings.queue_max);

  return {
    counts,
    hash: (password) =>
      run(() => {
        counts.hashes += 1;
        // Argon2id is the package's default variant.
        return argon2Hash(password.normalize('NFC'), {
          memoryCost: settings.memory_kib,
          timeCost: settings.iterations,
          parallelism: settings.parallelism,
          ...secret,
        });
      }),
    verify: (hash, password) =>
      run(async () => {
        counts.hashes += 1;
        const matches = await argon2Verify(hash ?? dummy, password.normalize('NFC'), secret);
        return matches && hash !== null;
      }),
    outdated: (hash) => isOutdated(hash, settings),
  };
}

/** A well-formed hash that no password has: checking against it costs as much as a real one. */
function dummyHash({ memory_kib, iterations, parallelism }: Argon2Options): string {
  const salt = unpadded(randomBytes(16));
  const output = unpadded(randomBytes(32));
  return `$argon2id$v=19$m=${memory_kib},t=${iterations},p=${parallelism}$${salt}$${output}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function isOutdated(hash: string, { memory_kib, iterations }: Argon2Options): boolean {
  const found = /^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=\d{1,10}\$/.exec(hash);
  if (found === null) return true;
  return Number(found[1]) < memory_kib || Number(found[2]) < iterations;
}

/** Runs at most `concurrency` jobs at once, in order of arrival. */
function boundedPool(concurrency: number, queue_max: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(job: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queue_max) throw new PasswordsBusy();
      // Its place is handed over by the job that ends: nobody can slip in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
