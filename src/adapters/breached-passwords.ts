/** A file of breached passwords, read once: SHA-1 digests in hex, as leak lists are published. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BootError } from '../core/boot-error.ts';
import type { BreachedPasswords } from '../ports/breached-passwords.ts';

/** A digest, and what may follow it in such lists: how often it was seen. */
const LINE = /^([0-9a-f]{40})(?::[0-9]+)?$/i;

/**
 * @param file path, or '' for no list
 * @throws BootError when it cannot be read or holds anything else
 */
export function breachedPasswords(file: string): BreachedPasswords {
  const digests = file === '' ? new Set<string>() : readDigests(file);
  const listed = (text: string): boolean =>
    digests.size > 0 && digests.has(hash('sha1', text, 'hex'));
  return {
    find(name, password) {
      if (listed(`${name}:${password}`)) return 'name_and_password';
      return listed(password) ? 'password' : null;
    },
  };
}

function readDigests(file: string): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new BootError(`password.breached_file: ${file} cannot be read (${code})`);
  }
  const digests = new Set<string>();
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const digest = LINE.exec(line)?.[1];
    if (digest === undefined) {
      throw new BootError(`password.breached_file: line ${place + 1} is no SHA-1 digest in hex`);
    }
    digests.add(digest.toLowerCase());
  }
  return digests;
}
