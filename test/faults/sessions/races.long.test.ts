import { checkSessionRaces } from './races.ts';

checkSessionRaces(200);
