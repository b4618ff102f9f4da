/** `npm run demo`: whole flows against the running development server, without a browser. */
import { parseArgs } from 'node:util';
import { type DemoClient, demoClient } from './demo-client.ts';
import { walkTradier } from './walk-tradier.ts';
import { walkTradovate } from './walk-tradovate.ts';

const WALKS: { readonly [dialect: string]: (client: DemoClient) => Promise<void> } = {
  tradier: walkTradier,
  tradovate: walkTradovate,
};

const HELP = `countersign demo [tradier|tradovate] [--url http://127.0.0.1:4401]

Walks sign-in, consent, code, tokens, first calls, refresh, a session by name and password, and
the end of it all against a running development server (npm start), in both dialects or the one
that is named, and prints every request and answer.
`;

export async function runDemo(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    strict: true,
    allowPositionals: true,
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const names = positionals.length === 0 ? Object.keys(WALKS) : positionals;
  const unknown = names.find((name) => !Object.hasOwn(WALKS, name));
  if (unknown !== undefined) {
    const known = Object.keys(WALKS).join(', ');
    process.stderr.write(`demo: no dialect ${unknown}; there are: ${known}\n`);
    return 64;
  }
  const origin = values.url ?? 'http://127.0.0.1:4401';
  try {
    for (const name of names) {
      process.stdout.write(`\n═══ ${name} ═══\n`);
      await WALKS[name]?.(demoClient(origin));
    }
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    const hint = reason === 'fetch failed' ? 'no server answers: run npm start first' : reason;
    process.stderr.write(`demo: ${hint}\n`);
    return 1;
  }
}
