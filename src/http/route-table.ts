/**
 * Our own routing: exact look-up of the raw path, before anything decodes or normalises it, so
 * that no encoding trick reaches a route (HP-11). A path has one owner for what no route answers.
 */
import { BootError } from '../core/boot-error.ts';
import type { Dialect, HostRole, Route } from '../core/routes.ts';

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
  const exact = new Map<string, Building>();
  const folded = new Map<string, Building>();
  for (const dialect of dialects) {
    for (const route of dialect.routes) {
      if (roles.includes(route.role)) addRoute({ exact, folded }, route, { dialect, authority });
    }
  }
  refuseFoldedOverlap({ exact, folded }, authority);
  const prefixes = prefixOwners(dialects);
  return {
    find(path) {
      const entry = exact.get(path);
      if (entry !== undefined || folded.size === 0) return entry;
      return folded.get(path.toLowerCase());
    },
    owner: (path) => prefixes.find(({ prefix }) => path.startsWith(prefix))?.dialect,
  };
}

type Maps = { readonly exact: Map<string, Building>; readonly folded: Map<string, Building> };

function addRoute(
  { exact, folded }: Maps,
  route: Route,
  { dialect, authority }: { readonly dialect: Dialect; readonly authority: string },
): void {
  const map = route.fold_case ? folded : exact;
  const path = route.fold_case ? route.path.toLowerCase() : route.path;
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

type PrefixOwner = { readonly prefix: string; readonly dialect: Dialect };

function prefixOwners(dialects: readonly Dialect[]): PrefixOwner[] {
  const owners = dialects.flatMap((dialect) =>
    dialect.owned_prefixes.map((prefix) => ({ prefix, dialect })));
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
