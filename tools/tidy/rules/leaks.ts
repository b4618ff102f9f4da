import { isTest } from '../paths.ts';
import type { Hit, Rule, Source } from '../source.ts';

const HOMES = ['work', 'root', 'home', 'Users', 'tmp'];
const MACHINE_PATH = new RegExp(`(?<![\\w.$~}>*-])/(${HOMES.join('|')})/`);
const OUTSIDE = new RegExp(`${'\\.'.repeat(2)}/(?:${'\\.'.repeat(2)}/)*shared\\b`);
const REGISTRY = /\bregistry\.[a-z]+js\.org\b|\bpypi\.org\b|\b(?:deb|ftp)\.debian\.org\b/;
const LEFTOVER = /\b(?:FIX(?:)ME|TO(?:)DO|X(?:)XX)\b/;
const SILENCED = /@ts-(?:ignore|nocheck)\b|(?:ox|es)lint-disable(?!.*\s-- \S)/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;
const DEMO_SECRET = /['"`]demo-[a-z0-9-]*(?:secret|password|key|token)[a-z0-9-]*['"`]/;

const machinePath: Rule = {
  id: 'machine-path',
  says: 'no file names a path of one machine (a temporary folder in a test excepted)',
  instead: 'name it relative to the project, or ask node:os for a temporary folder',
  check: (sources) =>
    everyLine(sources, (text, { path }) => {
      const found = OUTSIDE.exec(text) ?? MACHINE_PATH.exec(text);
      return found?.[1] === 'tmp' && isTest(path) ? undefined : found?.[0];
    }),
};

const registry: Rule = {
  id: 'registry',
  says: 'no file names the host of a package registry',
  instead: 'leave the choice to the reader’s own configuration',
  check: (sources) => everyLine(sources, (text) => REGISTRY.exec(text)?.[0]),
};

const leftover: Rule = {
  id: 'leftover',
  says: 'no note to come back later',
  instead: 'do it, or open an issue and name it in docs/',
  check: (sources) => everyLine(sources, (text) => LEFTOVER.exec(text)?.[0]),
};

const silenced: Rule = {
  id: 'silenced',
  says: 'no check is silenced without a reason',
  instead: 'mend the code, or end the directive with ` -- why`',
  check: (sources) =>
    everyLine(sources, (text, { path }) =>
      /\.[cm]?[jt]s$/.test(path) ? SILENCED.exec(text)?.[0] : undefined,
    ),
};

const secretPlace: Rule = {
  id: 'secret-place',
  says: 'demo secrets stand only in files named demo, in tests, examples and documents',
  instead: 'import it from the demo file, so that serve can refuse it',
  check: (sources) =>
    everyLine(sources, (text, { path }) =>
      mayShowDemo(path) ? undefined : (PRIVATE_KEY.exec(text) ?? DEMO_SECRET.exec(text))?.[0],
    ),
};

export const leakRules: readonly Rule[] = [machinePath, registry, leftover, silenced, secretPlace];

function mayShowDemo(path: string): boolean {
  return /(?:^|[/-])demo(?:[-./]|$)|^(?:test|docs|examples)\/|^[A-Z]+\.md$/.test(path);
}

function everyLine(
  sources: readonly Source[],
  judge: (text: string, source: Source) => string | undefined,
): Hit[] {
  return sources.flatMap((source) =>
    source.lines.flatMap((text, index) => {
      const what = judge(text, source);
      return what === undefined ? [] : [{ file: source.path, line: index + 1, what }];
    }),
  );
}
