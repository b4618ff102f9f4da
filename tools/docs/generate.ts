import { errorsDocument } from './errors.ts';
import type { Document } from './markdown.ts';
import { rulesDocument } from './rules.ts';

/** Every generated document, from the code as it stands. */
export async function generateAll(root: string): Promise<Document[]> {
  return Promise.all([rulesDocument(root), errorsDocument(root)]);
}
