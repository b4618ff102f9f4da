/**
 * Puts a mutant in the place of one module: `node --import …/install.ts`, with the variable MUTANT
 * = `<module>=<mutant>`, both from the project's root. The mutant reaches the original by adding
 * `?original.ts` to its address. Nothing in the product knows of this.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const address = (path: string): string => pathToFileURL(resolve(ROOT, path)).href;

const [module = '', mutant = ''] = (process.env['MUTANT'] ?? '').split('=');
if (mutant === '') throw new Error('MUTANT names no module and mutant');

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    return found.url === address(module) ? { ...found, url: address(mutant) } : found;
  },
});
