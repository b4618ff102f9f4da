/** A `WireRequest` over Node's message. A class, because one is made for every request. */
import type { IncomingMessage } from 'node:http';
import type { WireRequest } from '../core/wire.ts';
import type { WorldName } from '../core/world.ts';
import type { Site } from './authorities.ts';

export type RequestParts = {
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly address: string;
  readonly request_id: string;
};

export class IncomingRequest implements WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly world: WorldName;
  readonly authority: string;
  readonly address: string;
  readonly request_id: string;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage, site: Site, parts: RequestParts) {
    this.#message = message;
    this.method = message.method ?? '';
    this.path = parts.path;
    this.query = parts.query;
    this.body = parts.body;
    this.world = site.world;
    this.authority = site.authority;
    this.address = parts.address;
    this.request_id = parts.request_id;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.at(-1) : value;
  }

  headerCount(name: string): number {
    return countHeader(this.#message, name);
  }
}

/** How often a header came; Node's `headers` hides repetitions. */
export function countHeader({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at];
    if (raw?.length === name.length && raw.toLowerCase() === name) count += 1;
  }
  return count;
}
