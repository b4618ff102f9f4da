/** Counts commands and refusals of one world, for the control listener (development). */
import type { CommandName, Dispatch } from '../core/commands.ts';
import type { RefusalCode } from '../core/rules/refusals.ts';

export type CommandCounts = {
  readonly commands: { [N in CommandName]?: number };
  readonly refusals: { [C in RefusalCode]?: number };
};

export function countingDispatch(
  dispatch: Dispatch,
): { readonly dispatch: Dispatch; readonly counts: CommandCounts } {
  const counts: CommandCounts = { commands: {}, refusals: {} };
  return {
    counts,
    dispatch: async (name, command, context) => {
      counts.commands[name] = (counts.commands[name] ?? 0) + 1;
      const result = await dispatch(name, command, context);
      if (!result.ok) {
        const { code } = result.refusal;
        counts.refusals[code] = (counts.refusals[code] ?? 0) + 1;
      }
      return result;
    },
  };
}
