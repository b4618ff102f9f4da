/** What is read of package.json. */
export type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

/** What is read of one package in package-lock.json (lockfileVersion 3). */
export type LockedPackage = {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly hasInstallScript?: boolean;
};

export type Lock = {
  readonly lockfileVersion?: number;
  readonly packages?: Readonly<Record<string, LockedPackage>>;
};

/** A locked package with its name; one name may be locked in several versions. */
export type Entry = LockedPackage & { readonly name: string; readonly place: string };

const PLACE = 'node_modules/';

/** All packages of the lock file but the project itself. */
export function entriesOf(lock: Lock): Entry[] {
  return Object.entries(lock.packages ?? {})
    .filter(([place]) => place.includes(PLACE))
    .map(([place, locked]) => ({
      ...locked,
      place,
      name: place.slice(place.lastIndexOf(PLACE) + PLACE.length),
    }));
}

/** One line of DEPENDENCIES.md. */
export type Documented = {
  readonly name: string;
  readonly section: string;
  readonly owner: string;
  readonly reason: string;
  readonly licence: string;
};

/** Reads the tables of DEPENDENCIES.md; a line belongs to the last heading above it. */
export function readDocument(text: string): Documented[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('## ')) section = line.slice(3).trim();
    const cells = line.split('|').map((cell) => cell.trim());
    const name = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1];
    if (name === undefined || cells.length !== 6) return [];
    const [, , owner = '', reason = '', licence = ''] = cells;
    return [{ name, section, owner, reason, licence }];
  });
}
