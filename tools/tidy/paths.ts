import { posix } from 'node:path';
import type { Source } from './source.ts';

/** Hand-written code: what the rules of form apply to. */
export const isCode = (source: Source): boolean => source.tree !== undefined;

/** Tests may do what the product may not: read the clock, name a temporary path. */
export const isTest = (path: string): boolean => path.startsWith('test/');

/** The folder of `src` that a path lies in (`core`, `flows` …); `main` for the rest of `src`. */
export function projectOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split('/');
  if (top !== 'src') return undefined;
  return rest.length === 0 || folder === undefined ? 'main' : folder;
}

/** The path, from the root, that a relative specifier in `from` points at. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}
