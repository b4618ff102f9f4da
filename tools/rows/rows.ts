/** The issues that build the product, in order. */
export const ISSUES = ['A', 'B', 'C', 'D'] as const;
export type Issue = (typeof ISSUES)[number];

/** One acceptance row: what must hold, who owes the proof, and the file that holds it. */
export type Row = {
  readonly id: string;
  readonly says: string;
  /** An issue, or `later: why`. */
  readonly owes: string;
  /** What other issues owe besides: `B: what; D: what; later: what`. */
  readonly rest?: string;
  /** The test file that proves the row, written by `--write`. */
  readonly test: string | null;
};

/** What one issue owes of a row; `main` is the row itself, the others are its rest. */
export type Part = { readonly issue: Issue; readonly main: boolean; readonly what: string };

export type RowFile = { readonly resolved: readonly Issue[]; readonly rows: readonly Row[] };

const SAYS_MAX_CHARS = 110;
const members = new Set(['id', 'says', 'owes', 'rest', 'test']);

/**
 * Reads the text of rows.json and says what is wrong with it, one line a fault. Rows that are
 * malformed are left out, so that the rest can still be judged.
 * Throws SyntaxError when the text is no JSON, TypeError when it has not the file's outer shape.
 */
export function parseRows(text: string): { file: RowFile; faults: string[] } {
  const data: unknown = JSON.parse(text);
  if (!isRecord(data) || !Array.isArray(data['resolved']) || !Array.isArray(data['rows'])) {
    throw new TypeError('rows.json must be {"resolved": […], "rows": […]}');
  }
  const faults: string[] = [];
  const resolved = (data['resolved'] as unknown[]).filter(isIssue);
  if (resolved.length !== data['resolved'].length) {
    faults.push(`resolved: name issues only, of ${ISSUES.join(', ')}`);
  }
  const rows: Row[] = [];
  const seen = new Set<string>();
  for (const [index, value] of (data['rows'] as unknown[]).entries()) {
    const wrong = findRowFault(value);
    if (wrong !== undefined) {
      faults.push(`row ${index + 1}: ${wrong}`);
      continue;
    }
    const row = value as Row;
    if (seen.has(row.id)) faults.push(`${row.id}: stands twice; a row has one line`);
    else rows.push(row);
    seen.add(row.id);
  }
  return { file: { resolved, rows }, faults };
}

/** The parts of a row that issues owe; empty for a row that is wholly for later. */
export function partsOf(row: Row): Part[] {
  const parts: Part[] = isIssue(row.owes)
    ? [{ issue: row.owes, main: true, what: row.says }]
    : [];
  for (const [owes, what] of splitRest(row.rest)) {
    if (isIssue(owes)) parts.push({ issue: owes, main: false, what });
  }
  return parts;
}

/** The text of rows.json: one row a line, members in order. */
export function formatRows(file: RowFile): string {
  const lines = file.rows.map(({ id, says, owes, rest, test }) => {
    const ordered = rest === undefined ? { id, says, owes, test } : { id, says, owes, rest, test };
    const pairs = Object.entries(ordered).map(
      ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
    );
    return `{${pairs.join(', ')}}`;
  });
  const resolved = file.resolved.map((issue) => JSON.stringify(issue)).join(', ');
  return `{\n"resolved": [${resolved}],\n"rows": [\n${lines.join(',\n')}\n]\n}\n`;
}

function findRowFault(value: unknown): string | undefined {
  if (!isRecord(value)) return 'must be an object';
  const { id, says, owes, rest, test } = value;
  if (typeof id !== 'string' || id === '') return 'needs an id';
  const stranger = Object.keys(value).find((name) => !members.has(name));
  if (stranger !== undefined) return `${id}: has an unknown member ${stranger}`;
  if (typeof says !== 'string' || says.trim() === '') return `${id}: says nothing`;
  if (says.length > SAYS_MAX_CHARS) return `${id}: says more than ${SAYS_MAX_CHARS} characters`;
  if (typeof owes !== 'string' || !(isIssue(owes) || /^later: \S/.test(owes))) {
    return `${id}: owes must be an issue or "later: why"`;
  }
  if (rest !== undefined) {
    const owners = typeof rest === 'string' ? splitRest(rest).map(([owner]) => owner) : [''];
    if (!owners.every((owner) => isIssue(owner) || owner === 'later')) {
      return `${id}: rest must read "B: what; D: what" or "later: what"`;
    }
    if (new Set([owes, ...owners]).size !== owners.length + 1) {
      return `${id}: names one issue twice in owes and rest`;
    }
  }
  if (test !== null && typeof test !== 'string') return `${id}: test must be a file or null`;
  return undefined;
}

function splitRest(rest: string | undefined): [owes: string, what: string][] {
  if (rest === undefined) return [];
  return rest.split('; ').map((part) => {
    const [, owes = '', what = ''] = /^(\w+): (\S.*)$/.exec(part) ?? [];
    return [owes, what];
  });
}

function isIssue(value: unknown): value is Issue {
  return ISSUES.some((issue) => issue === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
