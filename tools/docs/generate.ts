import { configDocument, configSchemaDocument, seedSchemaDocument } from './config.ts';
import { documentedDialects } from './dialects.ts';
import { endpointsDocument } from './endpoints.ts';
import { errorsDocument } from './errors.ts';
import type { Document } from './markdown.ts';
import { rulesDocument } from './rules.ts';

/** Every generated document, from the code as it stands. */
export async function generateAll(root: string): Promise<Document[]> {
  return [
    await rulesDocument(root),
    await errorsDocument(root),
    endpointsDocument(documentedDialects()),
    configDocument(),
    configSchemaDocument(),
    seedSchemaDocument(),
  ];
}
