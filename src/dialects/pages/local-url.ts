/** The only URLs our pages link to: paths on our own host. */

const LOCATION = Symbol('location');

/** A checked URL; only `localUrl` makes it. */
export type LocalUrl = { readonly [LOCATION]: string };

/** One slash at the start: `//host` and `/\host` would leave our host. */
const LOCAL_PATH = /^\/(?:[a-z0-9_-][A-Za-z0-9/._-]*)?$/;

/**
 * A URL on our own host, its parameters percent-encoded.
 * @throws TypeError when the path could lead to another host
 */
export function localUrl(
  path: string,
  parameters: { readonly [name: string]: string } = {},
): LocalUrl {
  if (!LOCAL_PATH.test(path)) throw new TypeError('not a path of our own');
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return { [LOCATION]: query === '' ? path : `${path}?${query}` };
}

/**
 * The text of a checked URL, for an attribute or a `Location` header.
 * @throws TypeError for anything that `localUrl` did not make
 */
export function urlText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !(LOCATION in value)) {
    throw new TypeError('a URL slot takes the answer of localUrl only');
  }
  return (value as LocalUrl)[LOCATION];
}
