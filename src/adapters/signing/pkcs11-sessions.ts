/**
 * Sessions with a PKCS #11 token. One call at a time runs in a session; a session in which a call
 * failed is closed, and a fresh one is opened when it is next needed, so that a module that was
 * away is used again once it is back.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { StoreFault } from '../../ports/store.ts';
import {
  CKF_OS_LOCKING_OK, CKF_RW_SESSION, CKF_SERIAL_SESSION, CKR, CKU_USER, type Handle, type Pkcs11,
  tolerating,
} from './pkcs11-binding.ts';

const SESSIONS = 4;
/** Calls that wait for a session; more are refused at once. */
const WAITING_MAX = 256;

export type Pkcs11Sessions = {
  /** Runs calls in a free session. Rejects with a StoreFault, when the time is over too. */
  use<T>(timeout_ms: number, calls: (session: Handle) => T | Promise<T>): Promise<T>;
  close(): void;
};

type TokenLogin = { readonly library: string; readonly token: string; readonly pin: string };

/** `session` is null until it is needed, and after a failure. */
type Place = { session: Handle | null };

/** Throws what the module says when the token is not there or the PIN is wrong. */
export function openSessions(
  pkcs11: Pkcs11,
  { library, token, pin }: TokenLogin,
): Pkcs11Sessions {
  pkcs11.load(library);
  // The other world may use the same library: it is initialized once in a process. Calls come
  // from several threads; without the flag a library may take it that they do not.
  tolerating(CKR.CRYPTOKI_ALREADY_INITIALIZED, () =>
    pkcs11.C_Initialize({ flags: CKF_OS_LOCKING_OK }));

  function open(): Handle {
    const slot = pkcs11.C_GetSlotList(true)
      .find((one) => pkcs11.C_GetTokenInfo(one).label.trim() === token);
    if (slot === undefined) throw new Error('no token of this label');
    const session = pkcs11.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
    tolerating(CKR.USER_ALREADY_LOGGED_IN, () => pkcs11.C_Login(session, CKU_USER, pin));
    return session;
  }

  function discard(place: Place): void {
    const { session } = place;
    place.session = null;
    if (session === null) return;
    try {
      pkcs11.C_CloseSession(session);
    } catch {
      // A session that cannot be closed is gone already.
    }
  }

  const places = Array.from({ length: SESSIONS }, (): Place => ({ session: null }));
  const free = [...places];
  const waiting: ((place: Place) => void)[] = [];
  // Now, so that a wrong PIN or label is known at the start.
  const [first] = places;
  if (first !== undefined) first.session = open();

  function take(): Promise<Place> {
    const place = free.pop();
    if (place !== undefined) return Promise.resolve(place);
    if (waiting.length >= WAITING_MAX) throw new StoreFault('the key module is overloaded', false);
    return new Promise((resolve) => waiting.push(resolve));
  }

  function give(place: Place): void {
    const next = waiting.shift();
    if (next === undefined) free.push(place);
    else next(place);
  }

  async function run<T>(calls: (session: Handle) => T | Promise<T>): Promise<T> {
    const place = await take();
    try {
      place.session ??= open();
      return await calls(place.session);
    } catch (error) {
      discard(place);
      throw new StoreFault('the key module failed', false, error);
    } finally {
      give(place);
    }
  }

  return {
    use: (timeout_ms, calls) => inTime(timeout_ms, run(calls)),
    close: () => places.forEach(discard),
  };
}

/** The work goes on when its time is over, and holds its session until it is done. */
async function inTime<T>(timeout_ms: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const over = wait(timeout_ms, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new StoreFault('the key module does not answer', false);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    stop.abort();
    // Whichever comes second answers nobody.
    work.catch(() => undefined);
    over.catch(() => undefined);
  }
}
