/** The head of a request as the adapter sees it, and the wire request a dialect sees. */
import type { IncomingMessage } from 'node:http';
import type { WireRequest } from '../core/wire.ts';
import type { Entropy } from '../ports/entropy.ts';
import type { Authorities, Authority } from './authorities.ts';
import type { ClientAddress } from './client-address.ts';

export type Head = {
  readonly method: string;
  /** Raw path, undecoded. */
  readonly path: string;
  readonly query: string;
  readonly target_bytes: number;
  readonly authority: Authority | undefined;
  readonly address: string;
  readonly request_id: string;
  readonly header: (name: string) => string | undefined;
};

type HeadParts = {
  readonly authorities: Authorities;
  readonly entropy: Entropy;
  readonly address_of: ClientAddress;
};

/** RFC 9112 §3.2.2: a target in absolute form names its own authority. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;

export function readHead(parts: HeadParts, message: IncomingMessage): Head {
  const target = message.url ?? '/';
  const absolute = target.startsWith('/') ? null : ABSOLUTE.exec(target);
  const name = absolute?.[1] ?? message.headers.host ?? '';
  const origin_form = absolute === null ? target : (absolute[2] ?? '/');
  const mark = origin_form.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? origin_form : origin_form.slice(0, mark),
    query: mark < 0 ? '' : origin_form.slice(mark + 1),
    target_bytes: target.length,
    authority: parts.authorities.find(name),
    address: parts.address_of(message.socket.remoteAddress, header(message, 'x-forwarded-for')),
    request_id: parts.entropy.base62(12),
    header: (wanted) => header(message, wanted),
  };
}

/** The request with its body, in the terms of a dialect. */
export function wireRequest(
  head: Head,
  authority: Authority,
  { message, body }: { readonly message: IncomingMessage; readonly body: string },
): WireRequest {
  const { method, path, query, address, request_id } = head;
  return {
    method,
    path,
    query,
    header: head.header,
    headerCount: (name) => message.headersDistinct[name]?.length ?? 0,
    body,
    world: authority.world,
    authority: authority.name,
    address,
    request_id,
  };
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value.at(-1) : value;
}
