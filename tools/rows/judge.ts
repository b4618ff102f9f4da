import { ISSUES, partsOf } from './rows.ts';
import type { Issue, Row, RowFile } from './rows.ts';
import type { NamedTest } from './scan.ts';

/** How one issue stands: what it owes, what has a test, and what has none (`RU-01`, `RU-01[B]`). */
export type Standing = {
  readonly issue: Issue;
  readonly resolved: boolean;
  readonly owed: number;
  readonly proven: number;
  readonly missing: readonly { readonly row: string; readonly what: string }[];
};

export type Report = {
  readonly rows: number;
  readonly issues: readonly Standing[];
  /** Rows wholly for later, by reason. */
  readonly later: Readonly<Record<string, number>>;
  /** Rows for later that have a test all the same. */
  readonly early: readonly string[];
  /** Rows whose test is found but not recorded in the file. */
  readonly unrecorded: readonly string[];
  /** What makes the run fail, one line each. */
  readonly faults: readonly string[];
};

/** Compares the rows with the tests that name them. `faults` are those of reading the rows. */
export function judge(
  file: RowFile,
  tests: readonly NamedTest[],
  faults: readonly string[] = [],
): Report {
  const live = tests.filter(({ skipped }) => !skipped);
  const proofs = new Set(live.map(({ id, issue }) => partName(id, issue)));
  const issues = ISSUES.map((issue) => standing(file, issue, proofs));
  const later: Record<string, number> = {};
  for (const { owes } of file.rows) {
    if (owes.startsWith('later: ')) later[owes] = (later[owes] ?? 0) + 1;
  }
  const recorded = recordTests(file, tests);
  return {
    rows: file.rows.length,
    issues,
    later,
    early: file.rows
      .filter(({ id, owes }) => owes.startsWith('later: ') && proofs.has(id))
      .map(({ id }) => id),
    unrecorded: recorded.rows
      .filter(({ test }, at) => test !== null && file.rows[at]?.test === null)
      .map(({ id }) => id),
    faults: [
      ...faults,
      ...findStrangers(file, tests),
      ...findStale(file.rows, live),
      ...issues.flatMap(({ issue, resolved, missing }) =>
        resolved
          ? missing.map(({ row, what }) => `${row}: owed by resolved issue ${issue}: ${what}`)
          : [],
      ),
    ],
  };
}

/** The rows with the file of their first test filled in; a file that holds none is taken out. */
export function recordTests(file: RowFile, tests: readonly NamedTest[]): RowFile {
  const files = new Map<string, string[]>();
  for (const { id, issue, file: path, skipped } of tests) {
    if (issue === undefined && !skipped) files.set(id, [...(files.get(id) ?? []), path]);
  }
  const rows = file.rows.map((row) => {
    const found = files.get(row.id)?.sort() ?? [];
    const kept = row.test !== null && found.includes(row.test);
    return { ...row, test: kept ? row.test : (found[0] ?? null) };
  });
  return { ...file, rows };
}

function standing(file: RowFile, issue: Issue, proofs: ReadonlySet<string>): Standing {
  const owed = file.rows.flatMap((row) =>
    partsOf(row)
      .filter((part) => part.issue === issue)
      .map(({ main, what }) => ({ row: partName(row.id, main ? undefined : issue), what })),
  );
  const missing = owed.filter(({ row }) => !proofs.has(row));
  return {
    issue,
    resolved: file.resolved.includes(issue),
    owed: owed.length,
    proven: owed.length - missing.length,
    missing,
  };
}

/** Tests named after rows that do not exist, and rests that nobody owes. */
function findStrangers(file: RowFile, tests: readonly NamedTest[]): string[] {
  const parts = new Map(file.rows.map((row) => [row.id, partsOf(row)]));
  const digits = new Map<string, number>();
  for (const { id } of file.rows) {
    const [family, width] = familyOf(id);
    digits.set(family, Math.max(width, digits.get(family) ?? 0));
  }
  return tests.flatMap(({ id, issue, file: path, line }) => {
    const known = parts.get(id);
    if (known === undefined) {
      const [family, width] = familyOf(id);
      if (width > (digits.get(family) ?? 0)) return [];
      return [`${path}:${line}: names ${id}, which is no row; write "ID what" with a known id`];
    }
    if (issue === undefined || known.some((part) => !part.main && part.issue === issue)) return [];
    return [`${path}:${line}: names ${partName(id, issue)}, a rest that the row does not have`];
  });
}

function findStale(rows: readonly Row[], live: readonly NamedTest[]): string[] {
  const held = new Set(live.map(({ id, issue, file }) => `${partName(id, issue)} ${file}`));
  return rows.flatMap(({ id, test }) =>
    test === null || held.has(`${id} ${test}`)
      ? []
      : [`${id}: ${test} holds no live test of that name; run npm run rows -- --write`],
  );
}

/** `RU-07` is `RU-` with two digits: SHA-256 and P-256 are of no family, or too wide for it. */
function familyOf(id: string): [family: string, digits: number] {
  const [, family = id, digits = ''] = /^(.*?)(\d+)(?:\.\d+)*[a-z]?$/.exec(id) ?? [];
  return [family, digits.length];
}

function partName(id: string, issue: Issue | undefined): string {
  return issue === undefined ? id : `${id}[${issue}]`;
}
