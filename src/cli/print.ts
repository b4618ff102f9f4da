/** Answers for people: tables for lists, one line a member for single records. */

type Row = { readonly [name: string]: unknown };

/** A list member of the answer (`apps`, `grants`, …) as a table, else the record itself. */
export function printable(body: Row, columns: readonly string[] | undefined): string {
  const list = Object.values(body).find((value): value is Row[] =>
    Array.isArray(value) && value.every((one) => typeof one === 'object' && one !== null));
  if (list !== undefined && Object.keys(body).length <= 3) return table(list, columns);
  return record(columns === undefined ? body : chosen(body, columns));
}

/** The members worth showing after an act; all of them when none is there. */
function chosen(body: Row, columns: readonly string[]): Row {
  const shown = columns.filter((name) => body[name] !== undefined);
  return shown.length === 0 ? body : Object.fromEntries(shown.map((name) => [name, body[name]]));
}

function table(rows: readonly Row[], columns: readonly string[] | undefined): string {
  if (rows.length === 0) return '(none)\n';
  const names = columns ?? Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => names.map((name) => cell(name, row[name])));
  const widths = names.map((name, i) =>
    Math.max(name.length, ...cells.map((line) => line[i]?.length ?? 0)));
  const line = (values: readonly string[]) =>
    values.map((value, i) => value.padEnd(widths[i] ?? 0)).join('  ').trimEnd();
  const head = line(names.map((name) => name.toUpperCase().replaceAll('_', ' ')));
  return `${[head, ...cells.map(line)].join('\n')}\n`;
}

function record(body: Row): string {
  const width = Math.max(0, ...Object.keys(body).map((name) => name.length));
  return Object.entries(body)
    .map(([name, value]) => `${name.padEnd(width)}  ${cell(name, value)}\n`)
    .join('');
}

/** Times are epoch ms in answers and ISO on a terminal. */
function cell(name: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number' && TIME_NAME.test(name) && value > EARLIEST_MS) return iso(value);
  if (Array.isArray(value)) return value.map((one) => cell(name, one)).join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const TIME_NAME = /(_at|^at|_from|since|until)$/;
const EARLIEST_MS = 946_684_800_000;

function iso(at: number): string {
  return new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC',
  }).format(at).replace(' ', 'T') + 'Z';
}
