/** Which paths of an authority accept streams: exact look-up of the raw path, like any route. */
import { BootError } from '../../core/boot-error.ts';
import type { Dialect } from '../../core/routes.ts';
import type { SocketRoute } from '../../core/sockets.ts';

export type SocketEntry = {
  readonly route: SocketRoute;
  /** Words why a connection is not accepted here. */
  readonly owner: Dialect;
};

export type SocketTable = {
  find(path: string): SocketEntry | undefined;
};

/**
 * @param plays whether the authority plays one of a route's roles
 * @throws BootError when two dialects claim one path
 */
export function socketTable(
  dialects: readonly Dialect[],
  plays: (route: SocketRoute) => boolean,
  authority: string,
): SocketTable {
  const exact = new Map<string, SocketEntry>();
  const folded = new Map<string, SocketEntry>();
  for (const owner of dialects) {
    for (const route of owner.socket_routes ?? []) {
      if (!plays(route)) continue;
      const path = route.path.toLowerCase();
      const other = folded.get(path) ?? exact.get(path) ?? exact.get(route.path);
      if (other !== undefined) {
        throw new BootError(
          `streams overlap on ${authority}: ${route.path} belongs to ${other.route.id} and ` +
            `${route.id}; give one of the dialects another authority`,
        );
      }
      if (route.fold_case) folded.set(path, { route, owner });
      else exact.set(route.path, { route, owner });
    }
  }
  return { find: (path) => exact.get(path) ?? folded.get(path.toLowerCase()) };
}
