/** Faults: something broke. An incident id and a 5xx; never a 400, 401 or 404 (LG-04, I9). */
import type { HttpProblem } from '../core/routes.ts';
import type { Log } from '../ports/log.ts';

/** Faults that pass: the client should try again. Known by name, not by import. */
const PASSING: ReadonlySet<string> = new Set(['StoreFault', 'PasswordsBusy']);

/** Logs a fault under the request's id and says how to answer it. */
export function faultProblem(log: Log, error: unknown, request_id: string): HttpProblem {
  const known = error instanceof Error ? error : new Error(String(error));
  const passing = PASSING.has(known.name);
  log.write(passing ? 'warn' : 'error', 'fault', {
    request_id,
    error: known.name,
    message: known.message,
    stack: passing ? undefined : known.stack,
  });
  return passing
    ? { status: 503, retry_after_s: jitterSeconds(request_id) }
    : { status: 500, retry_after_s: jitterSeconds(request_id) };
}

/** 1 to 5 s, spread by the random request id, so that retries do not come together. */
function jitterSeconds(request_id: string): number {
  return 1 + (request_id.charCodeAt(request_id.length - 1) % 5);
}
