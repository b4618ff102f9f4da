/**
 * The test's end inside a client program: acts that the test asks for over the process channel,
 * and a clock that it moves. The clients themselves know of neither.
 */
import { mock } from 'node:test';

type Acts = { readonly [act: string]: (args: never) => unknown };
type Asked = { readonly id: number; readonly act: string; readonly args: { ms: number } };
type Timers = ('Date' | 'setInterval' | 'setTimeout')[];

const STEP_MS = 1_000;

/**
 * Does the test's acts until it hangs up. The clients wait for minutes, so what `held` names
 * stands still but for the act `tick`; call this before anything of the client is loaded.
 */
export function driven(held: Timers, acts: Acts): void {
  if (held.length > 0) mock.timers.enable({ apis: held, now: Date.now() });
  const all: Acts = { tick: ({ ms }: { readonly ms: number }) => tick(ms), ...acts };
  process.on('message', (asked: Asked) => {
    void answer(all, asked).then((reply) => process.send?.({ id: asked.id, ...reply }));
  });
  process.on('disconnect', () => process.exit(0));
}

/** Time jumps to the end of each step before its timers run, so steps are a second long. */
function tick(ms: number): void {
  for (let left_ms = ms; left_ms > 0; left_ms -= STEP_MS) {
    mock.timers.tick(Math.min(left_ms, STEP_MS));
  }
}

async function answer(acts: Acts, { act, args }: Asked): Promise<object> {
  try {
    const run = acts[act] as ((args: object) => unknown) | undefined;
    if (run === undefined) throw new Error(`no act ${act}`);
    return { value: await run(args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
