/** Which authorities each world answers on, and where its pages live. */
import type { Mode, Settings } from '../config/settings.ts';
import type { World, WorldName } from '../core/world.ts';
import type { Authority } from '../http/authorities.ts';

/** The loopback names of development, with the world's own name besides. */
function loopbackNames(world: WorldName): readonly string[] {
  return ['localhost', '127.0.0.1', '[::1]', `${world}.localhost`];
}

/** Authorities of a world: development lists the loopback names with the bound port by itself. */
export function authoritiesOf(
  mode: Mode,
  settings: Settings,
  { world, port }: { readonly world: WorldName; readonly port: number },
): Authority[] {
  const hosts = settings['tradier.hosts'][world];
  const listed: Authority[] = [];
  for (const role of ['api', 'pages'] as const) {
    for (const name of hosts?.[role] ?? []) addRole(listed, { name, world, role });
  }
  if (mode === 'serve') return listed;
  for (const name of loopbackNames(world)) {
    for (const role of ['api', 'pages'] as const) {
      addRole(listed, { name: `${name}:${port}`, world, role });
    }
  }
  return listed;
}

function addRole(
  list: Authority[],
  entry: { readonly name: string; readonly world: WorldName; readonly role: 'api' | 'pages' },
): void {
  const authority = entry.name.toLowerCase();
  const known = list.findIndex((one) => one.authority === authority);
  const present = list[known]?.roles ?? [];
  const merged = { authority, world: entry.world, roles: [...new Set([...present, entry.role])] };
  if (known < 0) list.push(merged);
  else list[known] = merged;
}

/** A world's identity; on loopback it follows from the bound port. */
export function worldOf<W extends WorldName>(settings: Settings, name: W, port: number): World<W> {
  const loopback = `http://127.0.0.1:${port}`;
  const configured = settings[`${name}.pages_origin`];
  const pages_origin = configured === '' ? loopback : configured.replace(/\/$/, '');
  const issuer = settings[`${name}.issuer`];
  return { name, pages_origin, issuer: issuer === '' ? `${loopback}/as` : issuer };
}
