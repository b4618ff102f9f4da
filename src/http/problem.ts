/** Words what no route answers, in the form of the dialect that owns the path. */
import type { IncomingMessage } from 'node:http';
import type { Dialect, HttpProblem } from '../core/routes.ts';
import type { WireResponse } from '../core/wire.ts';
import type { Site, Sites } from './authorities.ts';
import type { Target } from './target.ts';

/** What is known of a request that only a problem is left to answer. */
export type Unanswered = {
  readonly message: IncomingMessage;
  readonly target: Target;
  /** Undefined when the request named no authority of ours. */
  readonly site: Site | undefined;
  readonly request_id: string;
};

/** Makes the answer, and names the dialect that gave it. */
export type ProblemWriter = (
  problem: HttpProblem,
  unanswered: Unanswered,
  owner?: Dialect,
) => { readonly response: WireResponse; readonly dialect: string };

/** @param fallback words what has no owner */
export function problemWriter(sites: Sites, fallback: Dialect): ProblemWriter {
  return (problem, { message, target, site = sites.first, request_id }, owner) => {
    const dialect = owner ?? site.routes.owner(target.path) ?? fallback;
    const response = dialect.problem(problem, {
      method: message.method ?? '',
      path: target.path,
      world: site.world,
      authority: site.authority,
      request_id,
      header: (name) => headerOf(message, name),
    });
    const outcome = problem.status >= 500 ? 'fault' : 'refused';
    const log = response.log ?? { outcome, reason: `http ${problem.status}` };
    return { response: { ...response, log }, dialect: dialect.name };
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.at(-1) : value;
}
