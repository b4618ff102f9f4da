import { BOOT_CHECKS, WEAKENED } from '../../src/config/boot-checks.ts';
import { configJsonSchema } from '../../src/config/publish.ts';
import { environmentName, SETTING_KEYS, SETTINGS } from '../../src/config/settings.ts';
import { seedJsonSchema } from '../../src/core/seed/seed-form.ts';
import { code, head, table } from './markdown.ts';
import type { Document } from './markdown.ts';

/** docs/config.md: every key, its type and default, and what refuses to start. */
export function configDocument(): Document {
  const keys = SETTING_KEYS.map((key) => {
    const { schema, preset, says } = SETTINGS[key];
    return [code(key), spellType(schema), code(JSON.stringify(preset)), says];
  });
  const dangers = SETTING_KEYS.filter((key) => /(?:^|\.)danger_/.test(key)).map(code);
  const text = [
    head('Configuration', '`src/config`'),
    'One YAML file (`--config FILE`), in which dots are nesting: `live.port` is `port` below ' +
      '`live`. Over it come variables of the environment (`COUNTERSIGN_` and the key in capitals ' +
      `with underscores: ${code(environmentName('live.port'))}), over those ` +
      '`--set KEY=VALUE`. An unknown key is refused. [config.schema.json](config.schema.json) ' +
      'is the same as JSON Schema; `countersign check-config` prints the values in force.\n',
    '## Keys\n',
    table(['key', 'type', 'default', 'what it does'], keys),
    '## What does not start\n',
    'Each of these is checked before a port is opened; the message names the key and what to ' +
      `change. ${dangers.join(' and ')} weaken the server and are refused by \`serve\`.\n`,
    table(
      ['check', 'rests on'],
      BOOT_CHECKS.map(({ id, spec }) => [code(id), spec]),
    ),
    '## What is weaker than it could be\n',
    'Listed at every start, because a dialect needs it:\n',
    `${WEAKENED.map((line) => `- ${line}`).join('\n')}\n`,
  ].join('\n');
  return { path: 'docs/config.md', text };
}

/** docs/config.schema.json, for editors. */
export function configSchemaDocument(): Document {
  const text = `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
  return { path: 'docs/config.schema.json', text };
}

/** docs/seed.schema.json, for editors and for programs that write seeds. */
export function seedSchemaDocument(): Document {
  const text = `${JSON.stringify(seedJsonSchema(), undefined, 2)}\n`;
  return { path: 'docs/seed.schema.json', text };
}

type Schema = {
  readonly type?: string;
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
};

/** A JSON Schema in a few words: `integer, 1 to 16`, `fault or text`. */
function spellType(schema: Schema): string {
  const { anyOf, items, properties, minimum, maximum } = schema;
  if (anyOf !== undefined) return anyOf.map(spellType).join(' or ');
  if (schema.const !== undefined) return code(String(schema.const));
  if (items !== undefined) return `list of ${spellType(items)}`;
  if (properties !== undefined) return `object of ${Object.keys(properties).map(code).join(', ')}`;
  const range =
    maximum === undefined ? `, at least ${minimum}` : `, ${minimum ?? 'at most'} to ${maximum}`;
  return `${schema.type}${minimum === undefined ? '' : range}`;
}
