/**
 * Headers of every page (XS-05, XS-06). The pages run no script and load nothing from elsewhere,
 * so everything is switched off and the few things they use are switched on.
 */
import { markupText } from './html.ts';
import type { Html } from './html.ts';
import type { WireHeader, WireResponse } from '../../core/wire.ts';

const HSTS_TWO_YEARS = 'max-age=63072000; includeSubDomains';

const UNUSED_FEATURES = [
  'accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'magnetometer',
  'microphone', 'midi', 'payment', 'usb',
].map((feature) => `${feature}=()`).join(', ');

/** What a page answer is made of. */
export type PageParts = {
  readonly status: number;
  readonly page: Html;
  /** Where the page's form may end besides our own host and https: (see `formTarget`). */
  readonly form_target?: string | null;
  readonly extra?: readonly WireHeader[];
};

/** An HTML answer with all its headers. */
export function pageResponse(parts: PageParts, secure: boolean): WireResponse {
  return {
    status: parts.status,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Content-Security-Policy', contentSecurityPolicy(parts.form_target)],
      ...commonHeaders(secure),
      ...(parts.extra ?? []),
    ],
    body: markupText(parts.page),
  };
}

/**
 * A redirect that answers our own form (303, so that no browser sends the form on: RU-26).
 * `location` must come from `localUrl` or be the validated callback.
 */
export function seeOther(
  location: string,
  secure: boolean,
  extra: readonly WireHeader[] = [],
): WireResponse {
  return { status: 303, headers: [['Location', location], ...commonHeaders(secure), ...extra],
    body: '' };
}

function commonHeaders(secure: boolean): WireHeader[] {
  return [
    ['Cache-Control', 'no-store'],
    ['Pragma', 'no-cache'],
    ['X-Frame-Options', 'DENY'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ['Permissions-Policy', UNUSED_FEATURES],
    ['X-Robots-Tag', 'noindex, nofollow'],
    ...(secure ? [['Strict-Transport-Security', HSTS_TWO_YEARS] as const] : []),
  ];
}

/**
 * @param form_target undefined on pages whose forms end here; on the consent page, whose answer
 *   leads to the app, null or the callback's own origin or scheme. Chromium holds `form-action`
 *   against every redirect that follows the form, also those the app makes, hence `https:`.
 */
function contentSecurityPolicy(form_target: string | null | undefined): string {
  const targets = form_target === undefined ? ["'self'"] : ["'self'", 'https:'];
  if (form_target) targets.push(formTarget(form_target));
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    `form-action ${targets.join(' ')}`,
  ].join('; ');
}

const SCHEME = /^[a-z][a-z0-9+.-]*:$/;

const HOST_SOURCE = /^https?:\/\/[a-z0-9.-]+(?::[0-9]{1,5})?$/;

/** CSP has no form for IPv6 addresses (CSP3 §2.3.1), so `http://[::1]:port` needs its scheme. */
const IPV6_LOOPBACK = /^http:\/\/\[::1\](?::[0-9]{1,5})?$/;

/**
 * A callback's origin or scheme as a CSP source.
 * @throws Error for anything else, because it would end up in a header: a fault of ours
 */
function formTarget(target: string): string {
  if (SCHEME.test(target) || HOST_SOURCE.test(target)) return target;
  if (IPV6_LOOPBACK.test(target)) return 'http:';
  throw new Error('form target is neither an origin nor a scheme');
}
