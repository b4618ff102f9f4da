/**
 * Limits of a customer's open streams. Beyond them the oldest connection gives way to the newest,
 * and what it rests on ends with it: a token that was passed around must not go on elsewhere.
 */
import type { SocketState } from '../commands.ts';

/** What a stream speaks for: a trading session, or a grant by one of its access tokens. */
export type BoundSubject = {
  readonly is: 'session' | 'grant';
  readonly id: string;
  readonly customer: string;
  /** Of the token it was opened with. */
  readonly number: number;
};

/** One open stream of a customer. */
export type OpenSocket = {
  readonly socket: string;
  readonly address: string;
  readonly subject: BoundSubject;
};

export type SocketLimits = { readonly sockets: number; readonly addresses: number };

/** Why a stream of a customer within her rights must close all the same. */
export type FullState = Extract<SocketState, 'sockets_full' | 'addresses_full'>;

export type Closing = {
  /** Streams that must close, oldest first. */
  readonly close: readonly { readonly socket: string; readonly state: FullState }[];
  /** What ends with them, each once. */
  readonly revoke: readonly BoundSubject[];
};

/**
 * Who must close now that the last of `open` has come.
 * @param open all open streams of one customer, oldest first
 */
export function closingSockets(open: readonly OpenSocket[], limits: SocketLimits): Closing {
  const newest = open.at(-1);
  if (newest === undefined) return { close: [], revoke: [] };
  const closing = new Map<string, FullState>();
  const revoke: BoundSubject[] = [];
  for (;;) {
    const left = open.filter(({ socket }) => !closing.has(socket));
    const state = excessOf(left, limits);
    const oldest = left[0];
    if (state === null || oldest === undefined || oldest === newest) break;
    // Closing one of several streams of an address would leave the address.
    const leaving = state === 'addresses_full'
      ? left.filter((one) => one.address === oldest.address && one !== newest)
      : [oldest];
    for (const one of leaving) {
      closing.set(one.socket, state);
      if (sameSubject(one.subject, newest.subject)) continue;
      if (!revoke.some((known) => sameToken(known, one.subject))) revoke.push(one.subject);
      for (const other of left) {
        if (sameToken(other.subject, one.subject)) closing.set(other.socket, state);
      }
    }
  }
  const close = open.flatMap(({ socket }) => {
    const state = closing.get(socket);
    return state === undefined ? [] : [{ socket, state }];
  });
  return { close, revoke };
}

function excessOf(open: readonly OpenSocket[], limits: SocketLimits): FullState | null {
  if (open.length > limits.sockets) return 'sockets_full';
  const addresses = new Set(open.map(({ address }) => address));
  return addresses.size > limits.addresses ? 'addresses_full' : null;
}

/** One session, or one grant whatever its token. */
export function sameSubject(a: BoundSubject, b: BoundSubject): boolean {
  return a.is === b.is && a.id === b.id;
}

/** What ends together: a session whole, of a grant one token. */
export function sameToken(a: BoundSubject, b: BoundSubject): boolean {
  return sameSubject(a, b) && (a.is === 'session' || a.number === b.number);
}
