/** Time as a port: one source a process, never backwards, settable in development. */
export type Clock = {
  /** Epoch milliseconds. Never below an earlier answer of this store (F-25). */
  now(): number;
};
