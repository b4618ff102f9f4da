import { checkRaces } from './races.ts';

checkRaces(1_000);
