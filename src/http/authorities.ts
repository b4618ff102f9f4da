/** Authorities: which world and which routes the host and port of a request stand for. */
import { BootError } from '../core/boot-error.ts';
import type { Dispatch } from '../core/commands.ts';
import type { Dialect } from '../core/routes.ts';
import type { HostRole } from '../core/wire.ts';
import type { SocketRoute } from '../core/sockets.ts';
import type { WorldName } from '../core/world.ts';
import { type RouteTable, routeTable } from './route-table.ts';
import { type SocketTable, socketTable } from './sockets/socket-table.ts';

/** One configured `host[:port]` of a world and the roles it plays. */
export type Authority = {
  readonly authority: string;
  readonly world: WorldName;
  readonly roles: readonly HostRole[];
  /** The roles it plays in a dialect that lists its hosts; `roles` counts for the others. */
  readonly roles_of?: { readonly [dialect: string]: readonly HostRole[] };
};

/** Everything a request's authority decides, found by one look-up. */
export type Site = {
  readonly authority: string;
  readonly world: WorldName;
  readonly routes: RouteTable;
  readonly sockets: SocketTable;
  readonly dispatch: Dispatch;
};

export type Sites = {
  /** By `Host`, or undefined for an authority that is not listed. */
  find(host: string): Site | undefined;
  /** Stands in where a request names no authority of ours. */
  readonly first: Site;
};

/**
 * The sites of one listener.
 * @throws BootError for an authority in both worlds, in none, or routes that overlap on it
 */
export function sitesOf(
  authorities: readonly Authority[],
  dialects: readonly Dialect[],
  dispatch: { readonly [W in WorldName]?: Dispatch | undefined },
): Sites {
  const sites = new Map<string, Site>();
  for (const { authority, world, roles, roles_of } of authorities) {
    const key = canonicalAuthority(authority);
    const of_world = dispatch[world];
    if (of_world === undefined) throw new BootError(`authority ${key}: world ${world} is off`);
    const known = sites.get(key);
    if (known !== undefined) {
      throw new BootError(known.world === world
        ? `authority ${key} is listed twice in ${world}: list it once with all its roles`
        : `authority ${key} stands in both worlds: give each world its own host or port`);
    }
    const rolesIn = (dialect: string): readonly HostRole[] => roles_of?.[dialect] ?? roles;
    const present = dialects.filter(({ name }) => rolesIn(name).length > 0)
      .map((dialect) => ({
        ...dialect,
        routes: dialect.routes.filter(({ role }) => rolesIn(dialect.name).includes(role)),
      }));
    const kept = present.map((dialect) => withoutYielded(dialect, present));
    const routes = routeTable(kept, roles, key);
    const plays = (route: SocketRoute): boolean =>
      route.roles.some((role) => rolesIn(route.dialect).includes(role));
    const sockets = socketTable(present, plays, key);
    sites.set(key, { authority: key, world, routes, sockets, dispatch: of_world });
  }
  const [first] = sites.values();
  if (first === undefined) throw new BootError('a listener has no authority: list at least one');
  return { find: (host) => sites.get(host) ?? sites.get(canonicalAuthority(host)), first };
}

/** The dialect without the addresses that another one present has as its own. */
function withoutYielded(dialect: Dialect, present: readonly Dialect[]): Dialect {
  const others = new Set(present.filter((one) => one !== dialect)
    .flatMap(({ routes }) => routes.map(({ path }) => path.toLowerCase())));
  const routes = dialect.routes.filter(({ path, yields }) =>
    yields !== true || !others.has(path.toLowerCase()));
  return { ...dialect, routes };
}

/** Lower case; the port of https is implied (RFC 9110 §4.2.3). */
export function canonicalAuthority(authority: string): string {
  const lower = authority.toLowerCase();
  return lower.endsWith(':443') ? lower.slice(0, -4) : lower;
}
