/** Which authorities each world answers on, and where its pages live. */
import type { Mode, Settings } from '../config/settings.ts';
import type { HostRole } from '../core/wire.ts';
import type { World, WorldName } from '../core/world.ts';
import type { Authority } from '../http/authorities.ts';

/** The loopback names of development, with the world's own name besides. */
function loopbackNames(world: WorldName): readonly string[] {
  return ['localhost', '127.0.0.1', '[::1]', `${world}.localhost`];
}

const ALL_ROLES: readonly HostRole[] = ['api', 'pages', 'market_data', 'replay'];

/** Dialects that list hosts of their own, and where. */
const HOST_KEYS = { tradier: 'tradier.hosts', tradovate: 'tradovate.hosts' } as const;

type Hosts = { readonly [R in HostRole]?: readonly string[] };

/** Authorities of a world: development lists the loopback names with the bound port by itself. */
export function authoritiesOf(
  mode: Mode,
  settings: Settings,
  { world, port }: { readonly world: WorldName; readonly port: number },
): Authority[] {
  const listed: Authority[] = [];
  for (const [dialect, key] of Object.entries(HOST_KEYS)) {
    const hosts: Hosts = settings[key][world] ?? {};
    for (const role of ALL_ROLES) {
      for (const name of hosts[role] ?? []) addRole(listed, { name, world, role, dialect });
    }
  }
  if (mode === 'serve') return listed;
  const loopback = loopbackNames(world).map((name): Authority => ({
    authority: `${name}:${port}`, world, roles: ALL_ROLES,
  }));
  const own = new Set(loopback.map(({ authority }) => authority));
  return [...listed.filter(({ authority }) => !own.has(authority)), ...loopback];
}

function addRole(
  list: Authority[],
  entry: {
    readonly name: string;
    readonly world: WorldName;
    readonly role: HostRole;
    readonly dialect: string;
  },
): void {
  const { world, role, dialect } = entry;
  const authority = entry.name.toLowerCase();
  const at = list.findIndex((one) => one.authority === authority);
  const known = list[at];
  const none = Object.fromEntries(Object.keys(HOST_KEYS).map((name) => [name, []]));
  const roles_of: { readonly [name: string]: readonly HostRole[] } = known?.roles_of ?? none;
  const merged: Authority = {
    authority,
    world,
    roles: [...new Set([...(known?.roles ?? []), role])],
    roles_of: { ...roles_of, [dialect]: [...new Set([...(roles_of[dialect] ?? []), role])] },
  };
  if (at < 0) list.push(merged);
  else list[at] = merged;
}

/** Issuer and page host of a world in the dialect that has streams. */
export function streamWorldOf(
  settings: Settings,
  world: World<WorldName>,
  port: number,
): { readonly issuer: string; readonly pages_origin: string } {
  const hosts = settings['tradovate.hosts'][world.name];
  const [api] = hosts?.api ?? [];
  const [pages] = hosts?.pages ?? [];
  return {
    issuer: api === undefined ? `http://127.0.0.1:${port}` : `https://${api}`,
    pages_origin: pages === undefined ? world.pages_origin : `https://${pages}`,
  };
}

/** A world's identity; on loopback it follows from the bound port. */
export function worldOf<W extends WorldName>(settings: Settings, name: W, port: number): World<W> {
  const loopback = `http://127.0.0.1:${port}`;
  const configured = settings[`${name}.pages_origin`];
  const pages_origin = configured === '' ? loopback : configured.replace(/\/$/, '');
  const issuer = settings[`${name}.issuer`];
  return { name, pages_origin, issuer: issuer === '' ? `${loopback}/as` : issuer };
}
