/**
 * Which callbacks may be registered (RU rows marked BOOT). The registry holds exact ASCII URIs,
 * because they are compared byte for byte and never normalised (RFC 9700 §2.1).
 */
import type { Refusal } from '../../rules/refusals.ts';
import { type ActRule, judge } from './judge.ts';
import { type UriParts, uriParts } from './uri-parts.ts';

export type CallbackFacts = UriParts & {
  readonly uri: string;
  /** Percent-decoded once, for what hides behind an escape. */
  readonly decoded: string;
};

const URI_MAX = 2000;
const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost'];
/** Schemes that run, show or read something in a browser (RU-14). */
const ACTIVE_SCHEMES: readonly string[] = [
  'javascript', 'data', 'vbscript', 'blob', 'file', 'about', 'view-source', 'filesystem',
];
/** Parameters that our answer appends; a second one would be ambiguous (RU-24). */
const ANSWER_PARAMETERS: readonly string[] = ['code', 'state', 'iss', 'error', 'response'];

const HOST = /^(?:\[::1\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)$/;

/** Order: what cannot be read at all, then the scheme, then each part from left to right. */
export const CALLBACK_REGISTRATION_RULES: readonly ActRule<CallbackFacts>[] = [
  rule('callback.length', 'DS-03', ({ uri }) =>
    uri.length <= URI_MAX ? null : `is longer than ${URI_MAX} characters`),
  rule('callback.ascii', 'RU-16, RU-17', ({ uri }) =>
    /^[\x21-\x7e]+$/.test(uri) ? null : 'holds blanks, control or non-ASCII characters'),
  rule('callback.characters', 'RFC 3986 §2; RU-04', ({ uri }) =>
    /["<>\\^`{|}]/.test(uri) ? 'holds characters that no URI may hold' : null),
  rule('callback.wildcard', 'RU-09', ({ uri }) =>
    uri.includes('*') ? 'holds a wildcard: register each callback as it is' : null),
  rule('callback.active_scheme', 'RU-14', ({ scheme }) =>
    ACTIVE_SCHEMES.includes(scheme.toLowerCase()) ? `${scheme}: is never a callback` : null),
  rule('callback.absolute', 'RFC 6749 §3.1.2', ({ scheme }) =>
    scheme === '' ? 'is not an absolute URI' : null),
  rule('callback.scheme_case', 'RU-08', ({ scheme }) =>
    scheme === scheme.toLowerCase() ? null : 'has a scheme in upper case: write it in lower case'),
  rule('callback.private_scheme', 'RU-15; RFC 8252 §7.1', ({ scheme }) =>
    isWeb(scheme) || scheme.includes('.')
      ? null
      : 'has a scheme of its own without a dot: use a domain you own, as in com.example.app:/cb'),
  rule('callback.private_path', 'RFC 8252 §7.1', ({ scheme, rest }) =>
    isWeb(scheme) || rest.startsWith('/') ? null : 'has no path after its scheme'),
  rule('callback.userinfo', 'RU-03', ({ authority }) =>
    authority?.includes('@') === true ? 'holds a user name before its host' : null),
  rule('callback.host', 'RU-17', ({ scheme, authority, host }) => {
    if (!isWeb(scheme)) return null;
    if (authority === null || host === '') return 'has no host';
    return HOST.test(host) ? null : 'has no plain host name in lower case';
  }),
  rule('callback.port', 'RU-11', ({ port }) => {
    if (port === null) return null;
    const good = /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535;
    return good ? null : 'has no valid port';
  }),
  rule('callback.http_loopback', 'RU-13; RFC 9700 §2.6', ({ scheme, host }) =>
    scheme !== 'http' || LOOPBACK.includes(host)
      ? null
      : 'is plain http and not loopback: use https'),
  rule('callback.fragment', 'RU-06', ({ uri }) =>
    uri.includes('#') ? 'holds a fragment (also an empty one)' : null),
  rule('callback.escapes', 'RU-16; RFC 3986 §2.1', ({ uri, decoded }) => {
    if (/%(?![0-9A-Fa-f]{2})/.test(uri)) return 'holds a % that begins no escape';
    return /[\x00-\x1f\x7f]/.test(decoded) ? 'holds an escaped control character' : null;
  }),
  rule('callback.dot_segments', 'RU-04', ({ path }) =>
    decodeAscii(path).split(/[/\\]/).some((segment) => segment === '.' || segment === '..')
      ? 'holds a dot segment: write the path it means'
      : null),
  rule('callback.answer_parameters', 'RU-24', ({ query }) => {
    const names = (query ?? '').split('&').map((pair) => decodeAscii(pair.split('=')[0] ?? ''));
    const found = names.find((name) => ANSWER_PARAMETERS.includes(name.trim().toLowerCase()));
    return found === undefined ? null : `has a query that already holds ${found}`;
  }),
];

/** Why this callback may not be registered, with its rule, or null. */
export function callbackFault(uri: string): Pick<Refusal, 'rule' | 'reason'> | null {
  const facts = { uri, decoded: decodeAscii(uri), ...uriParts(uri) };
  return judge(CALLBACK_REGISTRATION_RULES, facts);
}

/** Why a text is no address that a page may link to or show, or null (RU-14). */
export function linkFault(url: string): string | null {
  const { scheme, host } = uriParts(url);
  if (scheme !== 'https' && !(scheme === 'http' && LOOPBACK.includes(host))) {
    return 'must be an https address';
  }
  return callbackFault(url)?.reason ?? null;
}

function isWeb(scheme: string): boolean {
  return scheme === 'https' || scheme === 'http';
}

/** Escapes of ASCII characters undone, once; others stay as they are. */
function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9A-Fa-f])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)));
}

function rule(
  id: string,
  spec: string,
  refuse: (facts: CallbackFacts) => string | null,
): ActRule<CallbackFacts> {
  return { id, spec, code: 'act_malformed', parameter: 'redirect_uris', refuse };
}
