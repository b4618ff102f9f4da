import { checkSessionRaces } from './races.ts';

checkSessionRaces(10);
