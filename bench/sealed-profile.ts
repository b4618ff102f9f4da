/** The profile of the dialect that signs its tokens, with sealed ones: what rotation alone costs. */
import type { profileOf as signed } from '../src/dialects/tradovate/profile.ts';

type Original = typeof import('../src/dialects/tradovate/profile.ts');

const original = new URL('../src/dialects/tradovate/profile.ts?original.ts', import.meta.url);
const { profileOf: profileOfOriginal, ...rest } = (await import(original.href)) as Original;

export const { DIALECT, PAGE_PATH, WORLD_WORDS } = rest;

export const profileOf: typeof signed = (options) =>
  ({ ...profileOfOriginal(options), access_tokens: 'sealed', id_tokens: 'none' });
