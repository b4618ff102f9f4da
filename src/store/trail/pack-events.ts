/**
 * The body of a trail row: the events of one batch and class as compact JSON,
 * `{"n": its place, "t": latest time, "d": [words used more than once], "e": [[fields…], …]}`.
 * The place stands inside because the chain's hash covers the body alone.
 * A field is a word itself, or its place in `d` from 1, or 0 when there is none; zeros at the end
 * of an event are left out.
 */
import type { Action, AuditEvent, EventClass } from '../../core/events.ts';
import type { EventRow } from '../../ports/store.ts';

/** Order of the words in an event; after them stands how long before `t` it was, ms. */
const WORDS = [
  'action', 'outcome', 'actor', 'address', 'request_id', 'app', 'customer', 'object', 'detail',
  'before', 'after',
] as const;

/** `lane/epoch/batch`. */
export type Place = string;

type Packed = {
  readonly n: Place;
  readonly t: number;
  readonly d: readonly string[];
  readonly e: readonly (readonly (string | number)[])[];
};

export function packEvents(place: Place, events: readonly AuditEvent[]): string {
  const latest = events.reduce((time, event) => Math.max(time, event.at), 0);
  const places = placesOfRepeated(events);
  const packed: Packed = {
    n: place,
    t: latest,
    d: [...places.keys()],
    e: events.map((event) => {
      const fields: (string | number)[] = WORDS.map((name) => {
        const word = event[name];
        return word === undefined ? 0 : (places.get(word) ?? word);
      });
      fields.push(latest - event.at);
      while (fields.at(-1) === 0) fields.pop();
      return fields;
    }),
  };
  return JSON.stringify(packed);
}

/** The events of a row as they were written. Throws a SyntaxError for a body that is damaged. */
export function unpackEvents(row: Pick<EventRow, 'body' | 'class'>): AuditEvent[] {
  if (row.body === '') return [];
  const { t, d, e } = JSON.parse(row.body) as Packed;
  return e.map((fields) => {
    const event: Record<string, unknown> = { class: row.class as EventClass };
    WORDS.forEach((name, i) => {
      const field = fields[i] ?? 0;
      if (field === 0) return;
      event[name] = typeof field === 'number' ? d[field - 1] : field;
    });
    event['at'] = t - Number(fields[WORDS.length] ?? 0);
    return event as AuditEvent & { readonly action: Action };
  });
}

export function placeOf({ lane, epoch, batch }: Pick<EventRow, 'lane' | 'epoch' | 'batch'>): Place {
  return `${lane}/${epoch}/${batch}`;
}

/** What a body says of itself. Throws a SyntaxError when it is damaged. */
export function readBody(body: string): { readonly place: Place; readonly count: number } {
  const { n, e } = JSON.parse(body) as Packed;
  return { place: n, count: e.length };
}

/** Latest time in a row. */
export function latestTimeIn(row: Pick<EventRow, 'body'>): number {
  return row.body === '' ? 0 : (JSON.parse(row.body) as Packed).t;
}

function placesOfRepeated(events: readonly AuditEvent[]): Map<string, number> {
  const seen = new Set<string>();
  const places = new Map<string, number>();
  for (const event of events) {
    for (const name of WORDS) {
      const word = event[name];
      if (word === undefined) continue;
      if (!seen.has(word)) seen.add(word);
      else if (!places.has(word)) places.set(word, places.size + 1);
    }
  }
  return places;
}
