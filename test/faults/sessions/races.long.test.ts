import { checkSessionRaces } from './races.ts';

checkSessionRaces(1_000);
