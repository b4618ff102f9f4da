/**
 * How many connections may be open: of the process, and of those who have not yet said who they
 * are. Strangers cost nothing to be, so they never take the room of the others (DS-03).
 */
export type CrowdLimits = {
  readonly connections: number;
  /** Strangers of all addresses; beyond them the one who waited longest goes. */
  readonly strangers: number;
  readonly strangers_per_address: number;
};

export const CROWD_LIMITS: CrowdLimits = {
  connections: 10_000,
  strangers: 2_000,
  strangers_per_address: 100,
};

/** One admitted connection. */
export type Place = {
  /** It counts as a stranger no more. */
  authorized(): void;
  left(): void;
};

export type Crowd = {
  /** Whether one more connection of this address would be admitted now. */
  hasRoom(address: string): boolean;
  /** @param cut ends the connection when a newer stranger needs its place */
  admit(address: string, cut: () => void): Place;
};

type Stranger = { readonly address: string; readonly cut: () => void };

export function createCrowd(limits: CrowdLimits): Crowd {
  const strangers = new Set<Stranger>();
  const by_address = new Map<string, number>();
  let connections = 0;

  function count(address: string): number {
    return by_address.get(address) ?? 0;
  }

  function forget(stranger: Stranger): void {
    if (!strangers.delete(stranger)) return;
    const left = count(stranger.address) - 1;
    if (left <= 0) by_address.delete(stranger.address);
    else by_address.set(stranger.address, left);
  }

  return {
    hasRoom: (address) =>
      connections < limits.connections && count(address) < limits.strangers_per_address,
    admit(address, cut) {
      const stranger: Stranger = { address, cut };
      const [longest] = strangers;
      if (longest !== undefined && strangers.size >= limits.strangers) {
        forget(longest);
        longest.cut();
      }
      strangers.add(stranger);
      by_address.set(address, count(address) + 1);
      connections += 1;
      let here = true;
      return {
        authorized: () => forget(stranger),
        left() {
          if (!here) return;
          here = false;
          connections -= 1;
          forget(stranger);
        },
      };
    },
  };
}
