import { entriesOf, readDocument } from './lock.ts';
import type { Documented, Entry, Lock, Manifest } from './lock.ts';

export const DIRECT_MAX = 15;
export const TOTAL_MAX = 120;

const RUNTIME = 'At run time';
const DEVELOPMENT = 'In development and tests';
const NATIVE = /^(?:@node-rs\/argon2|node-linux)-/;
const CRYPTOGRAPHY = ['jose', '@simplewebauthn/server', '@node-rs/argon2'];
const SOUNDS_LIKE_CRYPTOGRAPHY = /crypt|argon|jwt|jose|sodium|nacl|forge|elliptic|noble|webauthn/;

/** What supply-chain rules (SC-01, SC-02, KM-09) the three files break; empty when none. */
export function findFaults(manifest: Manifest, lock: Lock, document: string): string[] {
  const entries = entriesOf(lock);
  const documented = readDocument(document);
  const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies };
  const development = manifest.devDependencies ?? {};
  return [
    ...undocumented(runtime, RUNTIME, documented),
    ...undocumented(development, DEVELOPMENT, documented),
    ...unused({ ...runtime, ...development }, documented),
    ...unpinned({ ...runtime, ...development }, entries),
    ...wrongLicence(documented, entries),
    ...tooMany(
      runtime,
      entries.filter(({ dev }) => dev !== true),
    ),
    ...unsafe(lock, entries),
    ...foreignCode(runtime, entries),
  ];
}

function undocumented(
  wanted: Readonly<Record<string, string>>,
  section: string,
  documented: readonly Documented[],
): string[] {
  return Object.keys(wanted).flatMap((name) => {
    const line = documented.find((found) => found.name === name);
    if (line?.section !== section) return [`${name} has no line under "${section}"`];
    const empty = (['owner', 'reason', 'licence'] as const).filter((cell) => line[cell] === '');
    return empty.map((cell) => `${name} has no ${cell} in DEPENDENCIES.md`);
  });
}

function unused(
  wanted: Readonly<Record<string, string>>,
  documented: readonly Documented[],
): string[] {
  const names = documented.map(({ name }) => name);
  return names
    .filter((name, index) => wanted[name] === undefined || names.indexOf(name) !== index)
    .map((name) => `${name} stands in DEPENDENCIES.md without being asked for, or twice`);
}

function unpinned(wanted: Readonly<Record<string, string>>, entries: readonly Entry[]): string[] {
  return Object.entries(wanted).flatMap(([name, range]) => {
    const locked = entries.find(({ place }) => place === `node_modules/${name}`);
    if (locked === undefined) return [`${name} is not in the lock file`];
    return locked.version === range ? [] : [`${name} is asked for as ${range}: pin it exactly`];
  });
}

function wrongLicence(documented: readonly Documented[], entries: readonly Entry[]): string[] {
  return documented.flatMap(({ name, licence }) => {
    const locked = entries.find(({ place }) => place === `node_modules/${name}`)?.license;
    if (locked === undefined || locked === licence) return [];
    return [`${name} is under ${locked}, not ${licence}`];
  });
}

function tooMany(wanted: Readonly<Record<string, string>>, entries: readonly Entry[]): string[] {
  const direct = Object.keys(wanted).length;
  return [
    ...(direct > DIRECT_MAX ? [`${direct} direct packages at run time, of ${DIRECT_MAX}`] : []),
    ...(entries.length > TOTAL_MAX
      ? [`${entries.length} packages at run time, of ${TOTAL_MAX}`]
      : []),
  ];
}

function unsafe(lock: Lock, entries: readonly Entry[]): string[] {
  const hosts = new Set(entries.flatMap(({ resolved }) => (resolved ? [hostOf(resolved)] : [])));
  return [
    ...(lock.lockfileVersion === 3 ? [] : ['the lock file is not of version 3']),
    ...(entries.length > 0 ? [] : ['the lock file is empty']),
    ...(hosts.size > 1 ? [`the lock file names ${hosts.size} hosts`] : []),
    ...entries.flatMap(({ place, integrity, link, resolved, hasInstallScript }) => [
      ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '')
        ? []
        : [`${place} has no SHA-512 integrity`]),
      ...(link === true ? [`${place} is a link out of the tree`] : []),
      ...(resolved !== undefined && !resolved.startsWith('https://')
        ? [`${place} does not come over https`]
        : []),
      ...(hasInstallScript === true ? [`${place} runs a script when installed`] : []),
    ]),
  ];
}

const hostOf = (address: string): string => URL.parse(address)?.host ?? address;

function foreignCode(
  wanted: Readonly<Record<string, string>>,
  entries: readonly Entry[],
): string[] {
  const native = entries.filter(
    ({ name, dev, os, cpu }) =>
      dev !== true && (os ?? cpu) !== undefined && !NATIVE.test(name),
  );
  const crypto = Object.keys(wanted).filter(
    (name) => SOUNDS_LIKE_CRYPTOGRAPHY.test(name) && !CRYPTOGRAPHY.includes(name),
  );
  return [
    ...native.map(({ name }) => `${name} is native and not on the list`),
    ...crypto.map((name) => `${name} is cryptography and not on the list`),
  ];
}
