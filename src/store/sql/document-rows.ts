/** Kinds that are read now and then: one JSON document a record, and when it may be swept. */
import type { Kind, Kinds } from '../../core/kinds/kinds.ts';
import { expiresAt } from '../retention.ts';
import { type RowForm, text } from './rows.ts';

export function documentRows<K extends Kind>(kind: K): RowForm<K> {
  return {
    kind,
    table: kind.replaceAll('-', '_'),
    columns: ['body TEXT NOT NULL', 'expires_at INTEGER'],
    sweep: { column: 'expires_at', unit_ms: 1 },
    toCells: (value) => [JSON.stringify(value), expiresAt(kind, value)],
    fromCells: (cells) => JSON.parse(text(cells[0])) as Kinds[K],
  };
}
