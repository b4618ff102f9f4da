/** Lifetimes that a seed sets in development, in place of those of the dialect's profile. */
import type { Dispatch } from '../core/commands.ts';
import type { SeedLifetimes } from '../core/seed/seed-form.ts';

export type Lifetimes = {
  /** Adds to what was set before. */
  set(lifetimes: SeedLifetimes): void;
  /** The flows behind this dispatch judge by the lifetimes in force. */
  over(dispatch: Dispatch): Dispatch;
};

export function createLifetimes(): Lifetimes {
  let set: SeedLifetimes | null = null;
  return {
    set(lifetimes) {
      set = { ...set, ...lifetimes };
    },
    over: (dispatch) => (name, command, context) => {
      if (set === null || !('profile' in command)) return dispatch(name, command, context);
      const profile = { ...command.profile, ...set };
      return dispatch(name, { ...command, profile }, context);
    },
  };
}
