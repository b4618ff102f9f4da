import { dialectOf, discover, hasMembers } from './discover.ts';
import type { Exported } from './discover.ts';
import { code, head, table } from './markdown.ts';
import type { Document } from './markdown.ts';
import { ruleTables } from './rules.ts';

type Saying = { readonly where: string; readonly words: Readonly<Record<string, unknown>> };

/** docs/errors.md: every refusal, what it means to an operator and what each dialect says. */
export async function errorsDocument(root: string): Promise<Document> {
  const core = await discover(root, 'src/core/**/*.ts');
  const refusals = core.find(({ name }) => name === 'REFUSALS')?.value as Record<string, string>;
  const dialects = await discover(root, 'src/dialects/**/*.ts');
  const sayings = findSayings(dialects, Object.keys(refusals));
  const rules = ruleTables(root, core).flatMap(({ rows }) => rows);
  const sections = Object.entries(refusals).map(([name, meaning]) => {
    const raisedBy = rules.filter((rule) => rule.code === name).map(({ id }) => code(id));
    const by = raisedBy.length === 0 ? '' : ` Rules: ${raisedBy.join(', ')}.`;
    const said = sayings.flatMap(({ where, words }) => {
      const answer = spell(words[name]);
      return answer === '' ? [] : [[where, answer]];
    });
    const answers = said.length === 0 ? '' : `\n${table(['said by', 'answer'], said)}`;
    return `## ${name}\n\n${sentence(meaning)}${by}\n${answers}`;
  });
  const text = [
    head('Errors', '`REFUSALS` and the tables of the dialects'),
    'Each way in which a rule can say no, as it stands in the access log and the audit (with a ' +
      'private reason beside it), and what a client or a browser is told.\n',
    ...sections,
  ].join('\n');
  return { path: 'docs/errors.md', text };
}

/** The tables that speak every refusal: those whose keys are the refusal codes. */
function findSayings(found: readonly Exported[], codes: readonly string[]): Saying[] {
  return found.flatMap(({ file, name, value }) => {
    if (!hasMembers(value, ...codes)) return [];
    return [{ where: `${dialectOf(file)}: ${title(name)}`, words: value }];
  });
}

/** `API_FAULTS` as "api faults". */
const title = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value as Record<string, unknown>)
    .filter(([, part]) => typeof part === 'string' || typeof part === 'number')
    .map(([name, part]) => `${name} ${code(String(part))}`)
    .join(', ');
}
