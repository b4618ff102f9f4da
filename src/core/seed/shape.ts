/** Shapes of JSON documents as data: one description checks a document and is published. */
export type Shape = { readonly says: string; readonly required?: true } & (
  | { readonly is: 'text'; readonly choices?: readonly string[] }
  | { readonly is: 'flag' }
  | { readonly is: 'number'; readonly min: number; readonly max: number }
  | { readonly is: 'list'; readonly of: Shape; readonly distinct?: true }
  | { readonly is: 'record'; readonly fields: { readonly [name: string]: Shape } }
);

/** The first thing wrong with a document, with its path, or null. Unknown members are wrong. */
export function shapeFault(shape: Shape, value: unknown, path: string): string | null {
  switch (shape.is) {
    case 'text':
      if (typeof value !== 'string') return `${path} must be text: ${shape.says}`;
      return shape.choices === undefined || shape.choices.includes(value)
        ? null
        : `${path} must be ${shape.choices.join(' or ')}`;
    case 'flag':
      return typeof value === 'boolean' ? null : `${path} must be true or false: ${shape.says}`;
    case 'number':
      return typeof value === 'number' && Number.isSafeInteger(value) &&
        value >= shape.min && value <= shape.max
        ? null
        : `${path} must be a whole number from ${shape.min} to ${shape.max}: ${shape.says}`;
    case 'list':
      return listFault(shape, value, path);
    case 'record':
      return recordFault(shape.fields, value, path);
  }
}

function listFault(
  { of, says, distinct }: Extract<Shape, { is: 'list' }>,
  value: unknown,
  path: string,
): string | null {
  if (!Array.isArray(value)) return `${path} must be a list: ${says}`;
  for (const [place, one] of value.entries()) {
    const fault = shapeFault(of, one, `${path}[${place}]`);
    if (fault !== null) return fault;
  }
  return distinct && new Set(value).size < value.length ? `${path} lists something twice` : null;
}

function recordFault(
  fields: { readonly [name: string]: Shape },
  value: unknown,
  path: string,
): string | null {
  const where = path === '' ? 'the document' : path;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${where} must be an object`;
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(fields, name)) continue;
    const known = Object.keys(fields).join(', ');
    return `${where} has an unknown member ${JSON.stringify(name.slice(0, 40))}; known: ${known}`;
  }
  for (const [name, field] of Object.entries(fields)) {
    const below = path === '' ? name : `${path}.${name}`;
    const member = (value as { readonly [name: string]: unknown })[name];
    if (member === undefined) {
      if (field.required) return `${below} is missing: ${field.says}`;
      continue;
    }
    const fault = shapeFault(field, member, below);
    if (fault !== null) return fault;
  }
  return null;
}

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The shape as JSON Schema (2020-12). */
export function jsonSchemaOf(shape: Shape): JsonSchema {
  const description = shape.says;
  switch (shape.is) {
    case 'text':
      return { type: 'string', description, ...(shape.choices ? { enum: shape.choices } : {}) };
    case 'flag':
      return { type: 'boolean', description };
    case 'number':
      return { type: 'integer', minimum: shape.min, maximum: shape.max, description };
    case 'list': {
      const unique = shape.distinct ? { uniqueItems: true } : {};
      return { type: 'array', description, items: jsonSchemaOf(shape.of), ...unique };
    }
    case 'record': {
      const fields = Object.entries(shape.fields);
      return {
        type: 'object',
        description,
        additionalProperties: false,
        required: fields.filter(([, field]) => field.required).map(([name]) => name),
        properties: Object.fromEntries(
          fields.map(([name, field]) => [name, jsonSchemaOf(field)]),
        ),
      };
    }
  }
}
