/** Callback URLs: the answer appended to a validated callback (RFC 6749 §4.1.2, RFC 9207 §2). */
import type { Callback } from './refusals.ts';

/**
 * The callback with its answer: `code` or `error` first (published clients search for `?code=`),
 * then `state` when it was sent, then `iss`. A callback that has a query is extended, so that
 * there is never a second `?`.
 */
export function callbackUrl(
  { redirect_uri, state, iss }: Callback,
  first: { readonly name: 'code' | 'error'; readonly value: string },
): string {
  const joiner = redirect_uri.includes('?') ? '&' : '?';
  let url = `${redirect_uri}${joiner}${first.name}=${percentEncode(first.value)}`;
  if (state !== null) url += `&state=${percentEncode(state)}`;
  if (iss !== null) url += `&iss=${percentEncode(iss)}`;
  return url;
}

/** Everything outside A–Z a–z 0–9 - . _ ~ as UTF-8 percent escapes (RFC 3986 §2.3). */
export function percentEncode(text: string): string {
  // A lone surrogate cannot be encoded; it becomes U+FFFD as in every UTF-8 encoder.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
