/**
 * Turns: what must not overlap for one name is done one after another. A reservation that is under
 * way would else be taken for a failure by those beside it.
 */
export type Turns = {
  /**
   * Waits for the name's turn; the answer gives it on. Null when too many wait already.
   */
  take(name: string): Promise<(() => void) | null>;
};

/** Who waits longer than these take is better told to come back. */
const WAITING_MAX = 512;

export function createTurns(): Turns {
  /** Who waits for a name that somebody holds. */
  const waiting = new Map<string, (() => void)[]>();

  function passOn(name: string): void {
    const next = waiting.get(name)?.shift();
    if (next === undefined) waiting.delete(name);
    else next();
  }

  function turnOf(name: string): () => void {
    let over = false;
    return () => {
      if (over) return;
      over = true;
      passOn(name);
    };
  }

  return {
    async take(name) {
      const queue = waiting.get(name);
      if (queue === undefined) {
        waiting.set(name, []);
        return turnOf(name);
      }
      if (queue.length >= WAITING_MAX) return null;
      await new Promise<void>((resolve) => {
        queue.push(resolve);
      });
      return turnOf(name);
    },
  };
}
