import { checkRaces } from './races.ts';

checkRaces(20);
