import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { configDocument } from '../../tools/docs/config.ts';
import { documentedDialects } from '../../tools/docs/dialects.ts';
import { endpointsDocument } from '../../tools/docs/endpoints.ts';
import { errorsDocument } from '../../tools/docs/errors.ts';
import type { Document } from '../../tools/docs/markdown.ts';
import { rulesDocument } from '../../tools/docs/rules.ts';

const refusals = `
export const REFUSALS = { code_spent: 'it was used', app_unknown: 'no such app' };
`;
const rules = `
export const B_RULES = [
  { id: 'b.one', spec: 'RFC 1 §2 | X', code: 'code_spent', refuse: () => null },
];
export const A_RULES = [
  { id: 'a.one', spec: 'RFC 3', code: 'app_unknown', when: (p) => p.pkce === 'required',
    refuse: () => null },
];
export const NOT_RULES = [{ id: 'c.one' }];
`;
const profile = (pkce: string): string =>
  `export const P = { dialect: 'd', grant_types: [], pkce: '${pkce}' };`;
const words = `
const SPENT = { status: 400, error: 'invalid_grant', log: { a: 1 } };
export const TOKEN_FAULTS = { code_spent: SPENT, app_unknown: 'a page' };
export const PART = { code_spent: SPENT };
`;
const project = {
  'src/core/rules/refusals.ts': refusals,
  'src/core/decide/a.ts': rules,
  'src/dialects/old/profile.ts': profile('optional'),
  'src/dialects/new/profile.ts': profile('required'),
  'src/dialects/new/refusals.ts': words,
};

async function generate(
  document: (root: string) => Promise<Document>,
  files: Record<string, string>,
): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-docs-'));
  try {
    for (const [path, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return (await document(root)).text.split('\n');
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('generated documents', () => {
  it('print each rule table in the order of its source, with its dialects', async () => {
    const text = await generate(rulesDocument, project);
    const link = (code: string): string => `[\`${code}\`](errors.md#${code})`;
    assert.deepEqual(
      text.filter((line) => /^## |^\| `[ab]\./.test(line)),
      [
        '## B rules',
        `| \`b.one\` | RFC 1 §2 \\| X | ${link('code_spent')} | yes | yes |`,
        '## A rules',
        `| \`a.one\` | RFC 3 | ${link('app_unknown')} | yes | no |`,
        '## Profiles',
      ],
    );
    assert.ok(text.includes('| rule | rests on | refuses with | new | old |'));
    assert.ok(text.includes('| `pkce` | `"required"` | `"optional"` |'));
  });

  it('refuse a rule id that stands twice', async () => {
    const doubled = rules.replace('a.one', 'b.one');
    const broken = generate(rulesDocument, { ...project, 'src/core/decide/a.ts': doubled });
    await assert.rejects(broken, /rule ids stand twice: b\.one/);
  });

  it('print each refusal with its rules and what every dialect says', async () => {
    const text = await generate(errorsDocument, project);
    const section = text.slice(text.indexOf('## code_spent'), text.indexOf('## app_unknown'));
    assert.deepEqual(section.filter((line) => line !== ''), [
      '## code_spent',
      'It was used. Rules: `b.one`.',
      '| said by | answer |',
      '| --- | --- |',
      '| new: token faults | status `400`, error `invalid_grant` |',
    ]);
    assert.ok(text.includes('| new: token faults | a page |'));
  });

  it('print every route of every dialect', () => {
    const { text } = endpointsDocument(documentedDialects());
    const row = /^\| `POST` \| `\/v1\/oauth\/accesstoken` \| api \|.*`tradier\.accesstoken` \|$/m;
    assert.match(text, row);
    assert.match(text, /^\| `GET` \| `\/connections` \| pages \|/m);
    assert.match(text, /`\/assets\/style-…\.css`/, 'no digest that changes with each edit');
    const routes = documentedDialects().flatMap((dialect) => dialect.routes);
    assert.equal(text.split('\n').filter((line) => /^\| `[A-Z]/.test(line)).length, routes.length);
  });

  it('print every key of the configuration with type and default', () => {
    const { text } = configDocument();
    assert.match(text, /^\| `password\.lanes` \| integer, 1 to 16 \| `1` \|/m);
    assert.match(text, /^\| `store` \| `sqlite` or `memory` \| `"sqlite"` \|/m);
  });
});
