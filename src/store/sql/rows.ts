/** What a table keeps of a record, and how it becomes a record again. */
import type { Kind, Kinds } from '../../core/kinds/kinds.ts';

export type Cell = string | number | null | Uint8Array;

/** Columns of one kind besides `id` and `version`, which every table has. */
export type RowForm<K extends Kind = Kind> = {
  readonly kind: K;
  /** Name of the table. */
  readonly table: string;
  /** Names and types, in the order of the cells. */
  readonly columns: readonly string[];
  /** Column that says when a row may be swept, and the unit of its number in ms. */
  readonly sweep: { readonly column: string; readonly unit_ms: number };
  toCells(value: Kinds[K], id: string): Cell[];
  /** Throws when a cell cannot be what we wrote: the row is damaged. */
  fromCells(cells: readonly Cell[], id: string): Kinds[K];
};

export const DAY_MS = 86_400_000;

/** The first whole day on which a record may be swept; never before its time. */
export function sweepDay(expires_at: number | null): number | null {
  return expires_at === null ? null : Math.ceil(expires_at / DAY_MS);
}

/** SHA-256 digests are kept as their 32 bytes. Throws for any other text: our own mistake. */
export function bytesOfDigest(digest: string): Uint8Array {
  const bytes = Buffer.from(digest, 'base64url');
  if (digest.length !== 43 || bytes.toString('base64url') !== digest) {
    throw new Error('a digest is 43 characters of base64url');
  }
  return bytes;
}

export function digestOfBytes(cell: Cell | undefined): string {
  if (!(cell instanceof Uint8Array) || cell.length !== 32) throw new Error('a digest is damaged');
  return Buffer.from(cell.buffer, cell.byteOffset, cell.length).toString('base64url');
}

export function text(cell: Cell | undefined): string {
  if (typeof cell !== 'string') throw new Error('a text is damaged');
  return cell;
}

export function number(cell: Cell | undefined): number {
  if (typeof cell !== 'number') throw new Error('a number is damaged');
  return cell;
}

export function orNull<T>(cell: Cell | undefined, read: (cell: Cell) => T): T | null {
  return cell === null || cell === undefined ? null : read(cell);
}
