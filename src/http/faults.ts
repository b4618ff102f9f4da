/** Faults: something of ours broke. An incident and a 5xx; never a 400, 401 or 404 (LG-04). */
import type { HttpProblem } from '../core/routes.ts';
import type { Log } from '../ports/log.ts';

/** Faults that pass by themselves, known by name: they come from behind the ports. */
const PASSING: ReadonlySet<string> = new Set(['StoreFault', 'PasswordsBusy']);

/** Logs a fault under its request's id and says how to answer it. */
export function faultProblem(log: Log, error: unknown, request_id: string): HttpProblem {
  const known = error instanceof Error ? error : new Error(String(error));
  const passing = PASSING.has(known.name);
  log.write('error', 'fault', {
    incident: request_id,
    error: known.name,
    reason: known.message,
    cause: known.cause instanceof Error ? known.cause.message : undefined,
    stack: passing ? undefined : known.stack,
  });
  return { status: passing ? 503 : 500, retry_after_s: spreadSeconds(request_id) };
}

/** 1 to 5 s, spread by the request's id, so that retries do not come together. */
export function spreadSeconds(request_id: string): number {
  let sum = 0;
  for (let at = 0; at < request_id.length; at += 1) sum += request_id.charCodeAt(at);
  return 1 + (sum % 5);
}
