/** Credentials in headers: Basic (RFC 7617) and Bearer (RFC 6750 §2.1). Never throws. */
import type { Commands } from '../core/commands.ts';
import { decodeForm } from './form.ts';

export type BasicCredentials = { readonly id: string; readonly secret: string };

/** What an `Authorization` header is to a token endpoint. */
export type Authorization =
  | { readonly is: 'absent' }
  | { readonly is: 'basic'; readonly credentials: BasicCredentials }
  /** Basic by its scheme or its shape, but not `id:secret`. */
  | { readonly is: 'malformed' }
  | { readonly is: 'other_scheme' };

const SCHEME = /^([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)(?: +(.*))?$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a header value; the scheme in any letter case, and older pages' value without one. */
export function readAuthorization(header: string | undefined): Authorization {
  const value = header?.trim() ?? '';
  if (value === '') return { is: header === undefined ? 'absent' : 'malformed' };
  const match = SCHEME.exec(value);
  const [, scheme = '', parameter = ''] = match ?? [];
  if (scheme.toLowerCase() === 'basic') return basicOf(parameter.trim());
  if (match !== null && parameter !== '') return { is: 'other_scheme' };
  const bare = basicOf(value);
  return bare.is === 'basic' ? bare : { is: 'other_scheme' };
}

function basicOf(encoded: string): Authorization {
  const text = decodeBase64(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 1) return { is: 'malformed' };
  const credentials = { id: text.slice(0, colon), secret: text.slice(colon + 1) };
  return { is: 'basic', credentials };
}

/** UTF-8 text of strict base64, null when it is none. */
function decodeBase64(encoded: string): string | null {
  if (!BASE64.test(encoded) || encoded.length % 4 === 1) return null;
  if (encoded.endsWith('=') && encoded.length % 4 !== 0) return null;
  try {
    return UTF8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return null;
  }
}

/**
 * RFC 6749 clients form-encode the parts of Basic, older ones do not. With our alphabets the two
 * agree unless the text holds an escape, so an escape decides.
 * @param hint the id the client gives besides, which settles how it writes ids
 */
export function basicMeaning(basic: BasicCredentials, hint: string | null): BasicCredentials {
  if (hint !== null && hint === basic.id) return basic;
  return /[%+]/.test(basic.id + basic.secret) ? formDecoded(basic) : basic;
}

export function formDecoded({ id, secret }: BasicCredentials): BasicCredentials {
  const fields = decodeForm(`id=${id}&secret=${secret}`, ['id', 'secret']);
  return { id: fields.get('id') ?? id, secret: fields.get('secret') ?? secret };
}

/** The token of `Authorization: Bearer …`, scheme in any case; null when it is none. */
export function readBearer(header: string | undefined): string | null {
  const match = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header ?? '');
  return match?.[1] ?? null;
}

/** A token request of which nothing was read, because of what stood in its query. */
export const NOTHING_READ: Omit<Commands['token'], 'profile'> = {
  client: null,
  client_id_hint: null,
  grant_type: null,
  code: null,
  code_verifier: null,
  redirect_uri: null,
  refresh_token: null,
  scope: null,
  resource: null,
};
