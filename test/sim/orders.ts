/** Is there an order of operations, run at once, that explains all their answers? */
import type { Model, Step } from './model.ts';

export type Observed = {
  readonly says: string;
  /** What may happen if it runs now, by the models. */
  readonly steps: (model: Model) => readonly Step[];
  /** Its answer, or null when it failed and nobody knows whether it happened. */
  readonly answer: string | null;
};

/** Every model that some order of all operations leads to; none = the history is impossible. */
export function outcomes(starts: readonly Model[], operations: readonly Observed[]): Model[] {
  const seen = new Set<string>();
  const ends = new Map<string, Model>();
  const all = (1 << operations.length) - 1;

  function visit(model: Model, done: number): void {
    const text = JSON.stringify(model);
    const place = `${done} ${text}`;
    if (seen.has(place)) return;
    seen.add(place);
    if (done === all) {
      ends.set(text, model);
      return;
    }
    operations.forEach((operation, i) => {
      if ((done & (1 << i)) !== 0) return;
      for (const next of nexts(operation, model)) visit(next, done | (1 << i));
    });
  }

  for (const start of starts) visit(start, 0);
  return [...ends.values()];
}

/** A failed operation may have happened, whatever it would have answered, or not. */
function nexts({ steps, answer }: Observed, model: Model): Model[] {
  const possible = steps(model);
  if (answer === null) return [model, ...possible.map((step) => step.after)];
  return possible.filter((step) => step.answer === answer).map((step) => step.after);
}
