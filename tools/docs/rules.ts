import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { profileOf } from '../../src/dialects/tradovate/profile.ts';
import { TRADOVATE } from './dialects.ts';
import { dialectOf, discover, hasMembers } from './discover.ts';
import type { Exported } from './discover.ts';
import { code, head, table } from './markdown.ts';
import type { Document } from './markdown.ts';

type Row = {
  readonly id: string;
  readonly spec: string;
  readonly code: string;
  readonly when?: (profile: unknown) => boolean;
};
type Table = { readonly file: string; readonly name: string; readonly rows: readonly Row[] };
type Profile = { readonly dialect: string; readonly fields: Record<string, unknown> };

/** docs/rules.md: every ordered rule table of the core, and in which dialects a rule applies. */
export async function rulesDocument(root: string): Promise<Document> {
  const tables = ruleTables(root, await discover(root, 'src/core/**/*.ts'));
  const profiles = await findProfiles(root);
  // A table may hold rows of another one: those are the same rules, not others of their name.
  const different = [...new Set(tables.flatMap(({ rows }) => rows))];
  const doubled = twice(different.map(({ id }) => id));
  if (doubled.length > 0) throw new Error(`rule ids stand twice: ${doubled.join(', ')}`);
  const sections = tables.map(
    ({ file, name, rows }) =>
      `## ${heading(name)}\n\n${code(file)}, in the order of precedence.\n\n` +
      table(
        ['rule', 'rests on', 'refuses with', ...profiles.map(({ dialect }) => dialect)],
        rows.map((row) => [
          code(row.id),
          row.spec,
          `[${code(row.code)}](errors.md#${row.code})`,
          ...profiles.map(({ fields }) => (row.when?.(fields) === false ? 'no' : 'yes')),
        ]),
      ),
  );
  const text = [
    head('Rules', 'the rule tables of `src/core` and the profiles of `src/dialects`'),
    'Every decision runs ordered tables of rules over facts; the first rule that refuses ' +
      'decides. The columns of dialects say where a rule applies.\n',
    ...sections,
    profileSection(profiles),
  ].join('\n');
  return { path: 'docs/rules.md', text };
}

/** The rule tables among `found`, by file and, within a file, in the order of its text. */
export function ruleTables(root: string, found: readonly Exported[]): Table[] {
  return found
    .flatMap(({ file, name, value }) => {
      if (!Array.isArray(value) || value.length === 0) return [];
      const rows = value as unknown[];
      if (!rows.every((row) => hasMembers(row, 'id', 'spec', 'code', 'refuse'))) return [];
      const place = readFileSync(resolve(root, file), 'utf8').indexOf(`const ${name}`);
      return [{ file, name, place, rows: rows as unknown as Row[] }];
    })
    .sort((a, b) => a.file.localeCompare(b.file) || a.place - b.place);
}

async function findProfiles(root: string): Promise<Profile[]> {
  const found = await discover(root, 'src/dialects/*/profile.ts');
  return found.flatMap(({ file, name, value }) => {
    const profile: unknown = name === 'profileOf' ? profileOf(TRADOVATE) : value;
    return hasMembers(profile, 'dialect', 'grant_types', 'pkce')
      ? [{ dialect: dialectOf(file), fields: profile }]
      : [];
  });
}

function profileSection(profiles: readonly Profile[]): string {
  const fields = [...new Set(profiles.flatMap(({ fields: all }) => Object.keys(all)))];
  return (
    '## Profiles\n\nWhat varies between dialects, as data. What each field means and ' +
    'risks stands in `src/core/rules/profile.ts`.\n\n' +
    table(
      ['field', ...profiles.map(({ dialect }) => dialect)],
      fields.map((field) => [
        code(field),
        ...profiles.map(({ fields: all }) => code(JSON.stringify(all[field] ?? null))),
      ]),
    )
  );
}

/** `PAGE_RULES` as "Page rules". */
const heading = (name: string): string => {
  const words = name.replaceAll('_', ' ').toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
};

const twice = (ids: readonly string[]): string[] =>
  ids.filter((id, index) => ids.indexOf(id) !== index);
