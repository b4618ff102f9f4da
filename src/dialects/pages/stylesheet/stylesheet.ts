/** The one stylesheet of all pages, without the blanks that only help us read it. */
import { FRAME } from './frame.ts';
import { PARTS } from './parts.ts';
import { TOKENS } from './tokens.ts';

export const STYLESHEET: string = [TOKENS, FRAME, PARTS]
  .join('')
  .replace(/\n\s*/g, ' ')
  .replace(/ ?([{};,]) ?/g, '$1')
  .trim();
