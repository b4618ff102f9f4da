/**
 * Routes of all dialects on one server, matched on the raw path: no decoding, no normalisation,
 * so that the guard of a path and its handler see the same bytes (HP-11).
 */
import type { Dialect, HostRole, Route } from '../core/routes.ts';

export type Match =
  | { readonly is: 'route'; readonly route: Route; readonly dialect: Dialect }
  | { readonly is: 'wrong_method'; readonly allow: readonly string[]; readonly dialect: Dialect }
  | { readonly is: 'unrouted'; readonly dialect: Dialect };

export type Router = {
  match(roles: readonly HostRole[], method: string, path: string): Match;
  /** The dialect that answers for a path no route has. */
  owner(path: string): Dialect;
};

/** Two routes that would answer one request: the server must not start (BOOT). */
export class RouteConflict extends Error {
  constructor(a: Route, b: Route) {
    super(`routes ${a.id} and ${b.id} both answer ${a.path}`);
    this.name = 'RouteConflict';
  }
}

type Entry = { readonly route: Route; readonly dialect: Dialect };

export function createRouter(dialects: readonly Dialect[]): Router {
  const byPath = new Map<string, Entry[]>();
  for (const dialect of dialects) {
    for (const route of dialect.routes) addRoute(byPath, { route, dialect });
  }
  const prefixes = dialects
    .flatMap((dialect) => dialect.owned_prefixes.map((prefix) => ({ prefix, dialect })))
    .sort((a, b) => b.prefix.length - a.prefix.length);

  function owner(path: string): Dialect {
    const found = prefixes.find(({ prefix }) => path.startsWith(prefix));
    const last = found?.dialect ?? dialects[0];
    if (last === undefined) throw new Error('a server needs at least one dialect');
    return last;
  }

  return {
    owner,
    match(roles, method, path) {
      const entries = entriesOf(byPath, path).filter(({ route }) => roles.includes(route.role));
      const hit = entries.find(({ route }) => route.methods.includes(method));
      if (hit !== undefined) return { is: 'route', ...hit };
      const [first] = entries;
      if (first === undefined) return { is: 'unrouted', dialect: owner(path) };
      const allow = [...new Set(entries.flatMap(({ route }) => route.methods))];
      return { is: 'wrong_method', allow, dialect: first.dialect };
    },
  };
}

/** Routes that fold case are filed under their lower-case path. */
function entriesOf(byPath: Map<string, Entry[]>, path: string): readonly Entry[] {
  const exact = byPath.get(path);
  if (exact !== undefined) return exact;
  const folded = byPath.get(path.toLowerCase()) ?? [];
  return folded.filter(({ route }) => route.fold_case);
}

function addRoute(byPath: Map<string, Entry[]>, entry: Entry): void {
  const { route } = entry;
  const key = route.fold_case ? route.path.toLowerCase() : route.path;
  const present = byPath.get(key) ?? [];
  for (const other of present) {
    if (other.route.methods.some((method) => route.methods.includes(method))) {
      throw new RouteConflict(other.route, route);
    }
  }
  byPath.set(key, [...present, entry]);
}
