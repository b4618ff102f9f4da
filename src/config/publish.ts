/** What is published of the settings: a JSON Schema, and the effective values. */
import { SETTINGS, SETTING_KEYS, type Settings, environmentName } from './settings.ts';

type JsonSchema = { [member: string]: unknown };

/** JSON Schema of the configuration file, nested as the file is. */
export function configJsonSchema(): JsonSchema {
  const root = objectSchema();
  for (const key of SETTING_KEYS) {
    const { schema, preset, says } = SETTINGS[key];
    const path = key.split('.');
    const last = path.pop() ?? key;
    let at = root;
    for (const name of path) {
      at.properties[name] ??= objectSchema();
      at = at.properties[name] as ObjectSchema;
    }
    at.properties[last] = { ...schema, default: preset, description: says };
  }
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Countersign', ...root };
}

type ObjectSchema = {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: { [name: string]: unknown };
};

function objectSchema(): ObjectSchema {
  return { type: 'object', additionalProperties: false, properties: {} };
}

export type EffectiveSetting = {
  readonly key: string;
  readonly value: unknown;
  readonly preset: unknown;
  readonly environment: string;
  readonly says: string;
};

/** Every key with the value in force. No setting is itself a secret; secrets are files. */
export function effectiveSettings(settings: Settings): readonly EffectiveSetting[] {
  return SETTING_KEYS.map((key) => ({
    key,
    value: settings[key],
    preset: SETTINGS[key].preset,
    environment: environmentName(key),
    says: SETTINGS[key].says,
  }));
}
