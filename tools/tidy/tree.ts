import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSource } from './source.ts';
import type { Source } from './source.ts';

const TEXT = /\.(?:[cm]?[jt]s|css|html|json|jsonc|md|sql|ya?ml|sh|txt|xml)$|(?:^|\/)[^.]+$/;
const GENERATED = ['package-lock.json', 'LICENSE'];

/** The files of the working tree that git tracks or would track, from the root, sorted. */
export function listFiles(root: string): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  return [...new Set(listed.split('\0'))].filter((path) => path !== '').sort();
}

/** Reads every text file of the project; a file that cannot be parsed is named in the error. */
export function readTree(root: string): Source[] {
  return listFiles(root)
    .filter((path) => TEXT.test(path) && !GENERATED.includes(path) && existsSync(join(root, path)))
    .map((path) => {
      try {
        return readSource(path, readFileSync(join(root, path), 'utf8'));
      } catch (cause) {
        throw new Error(`${path} cannot be read as TypeScript`, { cause });
      }
    });
}
