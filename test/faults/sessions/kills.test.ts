import { checkSessionKills } from './kills.ts';

checkSessionKills(6, [800, 1_600]);
