/** The profile of the dialect that signs tokens, with sealed ones: what rotation alone costs. */
import type * as original_module from '../src/dialects/tradovate/profile.ts';

type Original = typeof original_module;

const original = new URL('../src/dialects/tradovate/profile.ts?original.ts', import.meta.url);
const { profileOf: profileOfOriginal, ...rest } = (await import(original.href)) as Original;

export const { DIALECT, PAGE_PATH, WORLD_WORDS } = rest;

export const profileOf: Original['profileOf'] = (options) =>
  ({ ...profileOfOriginal(options), access_tokens: 'sealed', id_tokens: 'none' });
