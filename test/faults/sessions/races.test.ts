import { describe, it } from 'node:test';
import { SESSION_RACES, racingServer } from './races.ts';

describe('session races, 10 rounds', () => {
  const server = racingServer();
  for (const { id, says, run } of SESSION_RACES) it(`${id} ${says}`, () => run(server(), 10));
});
