/** Token answers (contract §5.2), built by hand: member order is part of the contract. */
import type { TokenAnswer } from '../../core/commands.ts';
import { scopeWords } from '../../core/rules/scopes/scopes.ts';
import type { WireResponse } from '../../core/wire.ts';
import { newYorkTime } from './new-york-time.ts';
import type { TradierSettings } from './settings.ts';
import { TOKEN_HEADERS } from './token-errors.ts';

/** No value in it needs escaping: tokens and scopes are ASCII words of ours. */
export function encodeToken(answer: TokenAnswer, settings: TradierSettings): WireResponse {
  const repeated = settings.refresh_echo ? answer.presented_refresh_token : null;
  const refresh = answer.refresh_token ?? repeated;
  // One second less than the token is honoured for, as the vendor announces it: 86399.
  const expires_in_s = answer.lifetime_s - 1;
  const body =
    `{"access_token":"${answer.access_token}","expires_in":${expires_in_s}` +
    `,"issued_at":"${newYorkTime(answer.issued_at)}"` +
    (refresh === null ? '' : `,"refresh_token":"${refresh}"`) +
    `,"scope":"${scopeText(answer.scopes)}","status":"approved"` +
    (settings.token_type === 'off' ? '}' : ',"token_type":"Bearer"}');
  return { status: 200, headers: TOKEN_HEADERS, body, log: { outcome: 'ok' } };
}

const SCOPE_TEXTS = new Map<number, string>();

/** Words of a mask, single blanks, in the contract's order; there are only 32 masks. */
function scopeText(mask: number): string {
  const known = SCOPE_TEXTS.get(mask);
  if (known !== undefined) return known;
  const text = scopeWords(mask).join(' ');
  SCOPE_TEXTS.set(mask, text);
  return text;
}
