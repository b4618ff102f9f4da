import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** One export of a source file, found by importing it. */
export type Exported = { readonly file: string; readonly name: string; readonly value: unknown };

/** Imports every file that matches and lists what it exports, in the order of files and names. */
export async function discover(root: string, pattern: string): Promise<Exported[]> {
  const files = globSync(pattern, { cwd: root }).sort();
  const found = files.map(async (file) => {
    const module = (await import(pathToFileURL(resolve(root, file)).href)) as object;
    return Object.entries(module).map(([name, value]) => ({ file, name, value: value as unknown }));
  });
  return (await Promise.all(found)).flat();
}

/** Whether a value is an object that has all these members. */
export function hasMembers<K extends string>(
  value: unknown,
  ...names: readonly K[]
): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && names.every((name) => name in value);
}

/** The name of the dialect whose folder a file lies in; what lies in none is all of theirs. */
export function dialectOf(file: string): string {
  const [, , dialect = '', inside] = file.split('/');
  return inside === undefined ? 'every dialect' : dialect;
}
