/** A URI cut into its parts as written (RFC 3986 appendix B); nothing is decoded or normalised. */
export type UriParts = {
  /** As written; '' when there is none. */
  readonly scheme: string;
  /** Everything after the scheme's colon. */
  readonly rest: string;
  /** Between `//` and the path; null when there is no `//`. */
  readonly authority: string | null;
  readonly host: string;
  readonly port: string | null;
  readonly path: string;
  readonly query: string | null;
};

export function uriParts(uri: string): UriParts {
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):([\s\S]*)$/.exec(uri) ?? [];
  const [bare = ''] = rest.split('#');
  const at = bare.indexOf('?');
  const query = at < 0 ? null : bare.slice(at + 1);
  const hierarchy = at < 0 ? bare : bare.slice(0, at);
  if (!hierarchy.startsWith('//')) {
    return { scheme, rest, authority: null, host: '', port: null, path: hierarchy, query };
  }
  const slash = hierarchy.indexOf('/', 2);
  const authority = slash < 0 ? hierarchy.slice(2) : hierarchy.slice(2, slash);
  const path = slash < 0 ? '' : hierarchy.slice(slash);
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(place) ?? [];
  return { scheme, rest, authority, host, port: port ?? null, path, query };
}
