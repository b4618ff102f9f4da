/** Puts a value into a place, and says what a client can tell of the answer. */
import { call } from '../../../outside/call.ts';
import type { Answer } from '../../../outside/call.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import type { Thing } from './objects.ts';
import type { Place } from './places.ts';
import { from } from '../site.ts';
import type { Value } from './slots.ts';
import type { Standing } from './standing.ts';

export type Stage = {
  readonly world: WorldSite;
  readonly standing: Standing;
  /** Cookies of the browser that the value came from, where that is one of this world. */
  readonly own_cookies: string | null;
};

/** One call from an address of its own. */
export function present(
  { route, method, path, slot }: Place,
  value: Value,
  { world, standing, own_cookies }: Stage,
  address: string,
): Promise<Answer> {
  const usual = route === 'pages.login' ? standing.stranger_cookies : standing.cookies;
  const request = slot.request(value, {
    world: world.name,
    origin: world.origin,
    method,
    path,
    cookies: own_cookies ?? usual,
    fields: standing.fieldsAt(path),
  });
  return call(world.origin, { ...request, headers: [...request.headers ?? [], from(address)] });
}

/** A value of the same look that nobody ever gave out. */
export function unknownLike({ kind, text, id, dialect }: Thing, { name }: WorldSite): Value {
  if (kind === 'challenge') return { id: null, text: '9'.repeat(text.length) };
  const [, handle] = /^cs_(?:live|paper)_([a-z]+)_/.exec(text) ?? [];
  const prefix = handle === undefined ? '' : `cs_${name}_${handle}_`;
  const filled = prefix + filling(text.length - prefix.length);
  const parts = text.split('.');
  const signed = parts.length === 3 ? parts.map((part) => filling(part.length)).join('.') : filled;
  return { id: id === null ? null : unknownId(id, dialect), text: signed };
}

const filling = (length: number): string => 'Zz9'.repeat(Math.ceil(length / 3)).slice(0, length);

function unknownId(id: string, dialect: Thing['dialect']): string {
  return dialect === 'tradovate' ? '9'.repeat(id.length) : filling(id.length);
}

/** Headers that name the moment or the connection, not the answer. */
const PASSING = new Set(['date', 'connection', 'keep-alive', 'content-length']);

/** Status, body and headers; what is drawn anew for each answer stands as `…`. */
export function seenIn({ status, headers, text }: Answer): object {
  const kept = Object.entries(headers)
    .filter(([name]) => !PASSING.has(name))
    .map(([name, value]) => [name, drawnHidden(String(value))]);
  return { status, headers: Object.fromEntries(kept), body: drawnHidden(text) };
}

function drawnHidden(text: string): string {
  return text
    .replaceAll(/(cs_(?:live|paper)_[a-z]+(?:-dev)?)[=_][A-Za-z0-9._~-]+/g, '$1…')
    .replaceAll(/(Reference for support: )(<[^>]+>)?[A-Za-z0-9_-]+/g, '$1…')
    .replaceAll(/(name="csrf" value=")[^"]*/g, '$1…')
    .replaceAll(/'nonce-[^']+'/g, "'nonce-…'");
}
