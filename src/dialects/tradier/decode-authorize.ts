/** An authorization request as this dialect sends it (contract §3). */
import type { AuthorizeParameters, Commands } from '../../core/commands.ts';
import { type Result, accepted } from '../../core/rules/refusals.ts';
import type { WireRequest } from '../../core/wire.ts';
import { decodeForm } from '../form.ts';
import { TRADIER_PROFILE } from './profile.ts';
import { scopeWordsOf } from './scope-words.ts';

const LISTED = [
  'client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'code_challenge',
  'code_challenge_method',
];

/** Reads a query; nothing is judged here. An empty parameter counts as absent, `state` excepted. */
export function readAuthorizeQuery(query: string): AuthorizeParameters {
  const form = decodeForm(query, LISTED);
  const get = (name: string): string | null => {
    const value = form.get(name);
    return value === '' ? null : value;
  };
  return {
    client_id: get('client_id'),
    redirect_uri: get('redirect_uri'),
    response_type: get('response_type'),
    scope: scopeWordsOf(form.get('scope')),
    state: form.get('state'),
    code_challenge: get('code_challenge'),
    code_challenge_method: get('code_challenge_method'),
    resource: null,
    nonce: null,
    malformed: form.malformed.includes('form') ? ['client_id'] : form.malformed,
  };
}

/** On the API host: the app sends the browser here; whose browser it is shows later. */
export function decodeAuthorize(request: WireRequest): Result<Commands['authorize']> {
  return accepted({
    profile: TRADIER_PROFILE,
    parameters: readAuthorizeQuery(request.query),
    own_browser: false,
    flow_cookie: null,
  });
}
