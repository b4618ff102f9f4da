/**
 * Our two cookies of a world. `__Host-` ties a cookie to this host, so that a neighbouring host
 * cannot plant one (RFC 6265bis §4.1.3); the name carries the world because cookies ignore ports.
 */
import type { WireHeader } from '../../core/wire.ts';
import type { WorldName } from '../../core/world.ts';

export type CookieUse = 'flow' | 'login';

export type BrowserCookieValues = {
  readonly flow_cookie: string | null;
  readonly login_cookie: string | null;
};

/** Browsers drop larger ones without a word (RFC 6265bis §5.6). */
const SET_COOKIE_BYTES_MAX = 4096;

const COOKIE_VALUE = /^[A-Za-z0-9._~-]+$/;

/** Name of a cookie; plain http (development only) cannot carry `__Host-`. */
export function cookieName(world: WorldName, use: CookieUse, secure: boolean): string {
  return secure ? `__Host-cs_${world}_${use}` : `cs_${world}_${use}-dev`;
}

/**
 * Values of our cookies in a `Cookie` header. Two cookies of one name cannot both be ours, and
 * nothing tells which one is: both are ignored.
 */
export function readCookies(
  header: string | undefined,
  world: WorldName,
  secure: boolean,
): BrowserCookieValues {
  return {
    flow_cookie: onlyValue(header ?? '', cookieName(world, 'flow', secure)),
    login_cookie: onlyValue(header ?? '', cookieName(world, 'login', secure)),
  };
}

function onlyValue(header: string, name: string): string | null {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && COOKIE_VALUE.test(value) ? value : null;
}

/**
 * A `Set-Cookie` header. Without `Max-Age` it ends with the browser; the server's own record ends
 * it earlier. A null value clears the cookie.
 * @throws Error when the value is not one of our handles, or too long: a fault of ours
 */
export function setCookie(name: string, value: string | null, secure: boolean): WireHeader {
  if (value !== null && !COOKIE_VALUE.test(value)) throw new Error('cookie value is not a handle');
  const ending = value === null ? '; Max-Age=0' : '';
  const security = secure ? '; Secure' : '';
  const text = `${name}=${value ?? ''}; Path=/${ending}; HttpOnly; SameSite=Lax${security}`;
  if (text.length > SET_COOKIE_BYTES_MAX) throw new Error('cookie is over 4096 bytes');
  return ['Set-Cookie', text];
}
