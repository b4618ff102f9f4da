/**
 * Our own routing: exact look-up of the raw path, before anything decodes or normalises it, so
 * that no encoding trick reaches a route (HP-11). A path has one owner for what no route answers.
 */
import { BootError } from '../core/boot-error.ts';
import type { Dialect, Route } from '../core/routes.ts';
import type { HostRole } from '../core/wire.ts';

/** One path with its routes by method. */
export type PathEntry = {
  readonly by_method: ReadonlyMap<string, Route>;
  /** For `Allow`, in the table's order. */
  readonly methods: readonly string[];
  /** Answers 405 and 413 here. */
  readonly owner: Dialect;
};

export type RouteTable = {
  find(path: string): PathEntry | undefined;
  /** The dialect whose prefix the path is under, longest first; undefined = nobody's. */
  owner(path: string): Dialect | undefined;
};

type Building = { by_method: Map<string, Route>; methods: string[]; owner: Dialect };

/**
 * @param authority where the table serves; named in errors only
 * @throws BootError when two routes, or two prefixes, claim the same path
 */
export function routeTable(
  dialects: readonly Dialect[],
  roles: readonly HostRole[],
  authority: string,
): RouteTable {
  const maps: Maps = { exact: new Map(), folded: new Map(), below: new Map() };
  const { exact, folded, below } = maps;
  for (const dialect of dialects) {
    for (const route of dialect.routes) {
      if (roles.includes(route.role)) addRoute(maps, route, { dialect, authority });
    }
  }
  refuseFoldedOverlap(maps, authority);
  const prefixes = prefixOwners(dialects);
  const owner = (path: string): Dialect | undefined => prefixes.find(({ prefix, folds }) =>
    path.startsWith(prefix) || (folds && path.toLowerCase().startsWith(prefix)))?.dialect;
  return {
    find(path) {
      const entry = exact.get(path);
      if (entry !== undefined || folded.size + below.size === 0) return entry;
      const lower = path.toLowerCase();
      const known = folded.get(lower);
      if (known !== undefined) return known;
      const any = below.get(lower.slice(0, lower.lastIndexOf('/') + 1));
      // Another dialect may own single paths there.
      return any?.owner === owner(path) ? any : undefined;
    },
    owner,
  };
}

type Maps = {
  readonly exact: Map<string, Building>;
  readonly folded: Map<string, Building>;
  /** By the folder of `folder/*`, in lower case. */
  readonly below: Map<string, Building>;
};

function addRoute(
  { exact, folded, below }: Maps,
  route: Route,
  { dialect, authority }: { readonly dialect: Dialect; readonly authority: string },
): void {
  const { fold_case } = route;
  const any = fold_case && route.path.endsWith('/*');
  const map = any ? below : fold_case ? folded : exact;
  const path = any ? route.path.slice(0, -1).toLowerCase()
    : fold_case ? route.path.toLowerCase() : route.path;
  const fresh: Building = { by_method: new Map(), methods: [], owner: dialect };
  const entry = map.get(path) ?? fresh;
  map.set(path, entry);
  for (const method of route.methods) {
    const other = entry.by_method.get(method);
    if (other !== undefined) throw overlap(authority, `${method} ${path}`, [other.id, route.id]);
    entry.by_method.set(method, route);
    entry.methods.push(method);
  }
}

function refuseFoldedOverlap({ exact, folded }: Maps, authority: string): void {
  if (folded.size === 0) return;
  for (const [path, { by_method }] of exact) {
    const other = folded.get(path.toLowerCase());
    if (other === undefined) continue;
    const ids = [...by_method.values(), ...other.by_method.values()].map(({ id }) => id);
    throw overlap(authority, path, ids);
  }
}

function overlap(authority: string, what: string, ids: readonly string[]): BootError {
  return new BootError(
    `routes overlap on ${authority}: ${what} belongs to ${ids.join(' and ')}; ` +
      'give one of the dialects another authority',
  );
}

type PrefixOwner = {
  readonly prefix: string;
  readonly dialect: Dialect;
  /** A dialect whose routes are found in any case owns its prefixes so, too. */
  readonly folds: boolean;
};

function prefixOwners(dialects: readonly Dialect[]): PrefixOwner[] {
  const owners = dialects.flatMap((dialect) =>
    dialect.owned_prefixes.map((prefix) =>
      ({ prefix, dialect, folds: dialect.routes.some(({ fold_case }) => fold_case) })));
  const seen = new Map<string, string>();
  for (const { prefix, dialect } of owners) {
    const other = seen.get(prefix);
    if (other !== undefined) {
      throw new BootError(`prefix ${prefix || '(rest)'}: owned by ${other} and ${dialect.name}`);
    }
    seen.set(prefix, dialect.name);
  }
  return owners.sort((a, b) => b.prefix.length - a.prefix.length);
}
