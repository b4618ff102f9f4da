/**
 * Open streams of one world, and what each speaks for. In memory, because a stream lives as long
 * as its connection to this process and no longer.
 */
import type { Profile } from '../../core/rules/profile.ts';
import {
  type BoundSubject, type FullState, type OpenSocket, type SocketLimits, closingSockets,
} from '../../core/rules/socket-limits.ts';

export type BoundSocket = OpenSocket & {
  /** By which the binding is judged when it is looked at again. */
  readonly profile: Profile;
};

/** What a registered stream is: bound as it came, or closing for a limit. */
export type Registered = BoundSocket & { readonly closing: FullState | null };

export type Entered =
  /** `revoke` ends with the streams that had to give way. */
  | { readonly is: 'entered'; readonly revoke: readonly BoundSubject[] }
  /** It is another customer's already, or has to close. */
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'full' };

export type SocketRegistry = {
  /** Binds a stream, or binds it anew; `limits` null = no limits. */
  enter(socket: BoundSocket, limits: SocketLimits | null): Entered;
  find(socket: string): Registered | null;
  /** What a stream speaks for; null when it is not registered, or has to close. */
  subjectOf(socket: string): BoundSubject | null;
  leave(socket: string): void;
};

/** More connections than a process accepts: what is over it was never given back. */
const SOCKETS_MAX = 20_000;

type Entry = { bound: BoundSocket; closing: FullState | null };

export function createSocketRegistry(): SocketRegistry {
  const by_socket = new Map<string, Entry>();
  /** Of each customer, in the order in which they were opened. */
  const by_customer = new Map<string, Map<string, Entry>>();

  function rebind(entry: Entry, bound: BoundSocket): Entered {
    if (entry.closing !== null) return { is: 'refused', reason: 'the stream has to close' };
    if (entry.bound.subject.customer !== bound.subject.customer) {
      return { is: 'refused', reason: 'the stream is another customer’s' };
    }
    entry.bound = bound;
    return { is: 'entered', revoke: [] };
  }

  function makeRoom(entries: ReadonlyMap<string, Entry>, limits: SocketLimits): BoundSubject[] {
    const open = [...entries.values()].filter(({ closing }) => closing === null);
    const { close, revoke } = closingSockets(open.map(({ bound }) => bound), limits);
    for (const { socket, state } of close) {
      const entry = entries.get(socket);
      if (entry !== undefined) entry.closing = state;
    }
    return [...revoke];
  }

  return {
    enter(bound, limits) {
      const { socket, subject: { customer } } = bound;
      const known = by_socket.get(socket);
      if (known !== undefined) return rebind(known, bound);
      if (by_socket.size >= SOCKETS_MAX) return { is: 'full' };
      const entry: Entry = { bound, closing: null };
      const entries = by_customer.get(customer) ?? new Map<string, Entry>();
      by_customer.set(customer, entries);
      entries.set(socket, entry);
      by_socket.set(socket, entry);
      return { is: 'entered', revoke: limits === null ? [] : makeRoom(entries, limits) };
    },
    find(socket) {
      const entry = by_socket.get(socket);
      return entry === undefined ? null : { ...entry.bound, closing: entry.closing };
    },
    subjectOf(socket) {
      const entry = by_socket.get(socket);
      return entry === undefined || entry.closing !== null ? null : entry.bound.subject;
    },
    leave(socket) {
      const entry = by_socket.get(socket);
      if (entry === undefined) return;
      const { customer } = entry.bound.subject;
      by_socket.delete(socket);
      const entries = by_customer.get(customer);
      entries?.delete(socket);
      if (entries?.size === 0) by_customer.delete(customer);
    },
  };
}
