/** Commands that need no running server: `check-config`, `init`, `tune-passwords`. */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { argon2Passwords } from '../adapters/argon2-passwords.ts';
import { createMasterKey } from '../adapters/keys/master-key.ts';
import { WEAKENED, bootFaults, dangers, worldsOf } from '../config/boot-checks.ts';
import { effectiveSettings } from '../config/publish.ts';
import { readStartFlags } from './options.ts';
import { isDevelopment, makeDataDirectory, worldFiles } from './world-files.ts';

/** Prints the values in force and what would keep `serve` from starting; 78 when something does. */
export function checkConfig(args: readonly string[]): number {
  const { settings, json, help } = readStartFlags(args);
  if (help) return say('countersign check-config [--config FILE] [--set KEY=VALUE] [--json]\n');
  const faults = bootFaults({
    mode: 'serve',
    settings,
    development_switches: [],
    holds_demo_data: isDevelopment(settings.data_dir),
  });
  const values = effectiveSettings(settings);
  if (json) {
    const shown = Object.fromEntries(values.map(({ key, value }) => [key, value]));
    const ok = faults.length === 0;
    const report = { ok, faults, weakened: WEAKENED, dangers: dangers(settings), settings: shown };
    say(`${JSON.stringify(report)}\n`);
  } else {
    for (const { key, value, preset } of values) {
      const changed = JSON.stringify(value) === JSON.stringify(preset) ? ' ' : '*';
      say(`${changed} ${key.padEnd(32)} ${JSON.stringify(value)}\n`);
    }
    for (const line of WEAKENED) say(`weakened by design: ${line}\n`);
    for (const fault of faults) say(`serve would refuse: ${fault}\n`);
    if (faults.length === 0) say('serve would start with this configuration\n');
  }
  return faults.length === 0 ? 0 : 78;
}

/** Makes the data directory and a master key for each world that has none. */
export function init(args: readonly string[]): number {
  const { settings, help } = readStartFlags(args);
  if (help) return say('countersign init [--config FILE] [--data DIR]\n');
  makeDataDirectory(settings.data_dir);
  for (const world of worldsOf(settings)) {
    const file = worldFiles(settings, world).master_key;
    if (existsSync(file)) {
      say(`${world}: kept ${file}\n`);
    } else {
      createMasterKey(file);
      say(`${world}: made ${file} (mode 0400): back it up apart from the data\n`);
    }
  }
  return 0;
}

/** Milliseconds one hash should take on this machine: felt by guessers, not by customers. */
const TARGET_MS = 150;

export async function tunePasswords(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    strict: true,
  });
  if (values.help === true) return say('countersign tune-passwords [--json]\n');
  let best = { memory_kib: 19_456, passes: 2, ms: 0 };
  for (const memory_kib of [19_456, 32_768, 65_536, 131_072]) {
    for (const passes of [2, 3, 4]) {
      const ms = await hashMs(memory_kib, passes);
      if (process.stderr.isTTY) process.stderr.write(`${memory_kib} KiB × ${passes}: ${ms} ms\n`);
      if (ms <= TARGET_MS && memory_kib * passes > best.memory_kib * best.passes) {
        best = { memory_kib, passes, ms };
      }
    }
  }
  if (values.json === true) return say(`${JSON.stringify(best)}\n`);
  return say(
    `strongest parameters within ${TARGET_MS} ms here (${best.ms} ms a hash):\n` +
      `password:\n  memory_kib: ${best.memory_kib}\n  passes: ${best.passes}\n`,
  );
}

async function hashMs(memory_kib: number, iterations: number): Promise<number> {
  const { hash } = argon2Passwords({ memory_kib, iterations });
  await hash('warm up');
  const began = performance.now();
  for (let i = 0; i < 3; i++) await hash('a password of ordinary length');
  return Math.round((performance.now() - began) / 3);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
