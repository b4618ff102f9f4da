/** Paths that the deployment declares to live on another host (contract §1.2). */
import type { ProblemRequest } from '../../core/routes.ts';
import type { WireResponse } from '../../core/wire.ts';
import { failureAnswer } from './api-answers.ts';
import type { TradovateSettings } from './settings.ts';

/**
 * Where to call instead, or null when this host is the right one. Clients cut the name out of the
 * text, so it stands there bare.
 */
export function elsewhereAnswer(
  { elsewhere }: TradovateSettings,
  { path, authority }: Pick<ProblemRequest, 'path' | 'authority'>,
): WireResponse | null {
  const key = path.toLowerCase().replace(/^\/v1(?=\/)/, '');
  const host = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
  if (host === undefined || canonical(host) === canonical(authority)) return null;
  const answer = failureAnswer(200, `This endpoint should be called on ${host}`);
  return { ...answer, log: { outcome: 'elsewhere' } };
}

/** The port of https is implied. */
function canonical(host: string): string {
  return host.toLowerCase().replace(/:443$/, '');
}
