import { checkSessionKills } from './kills.ts';

checkSessionKills(200, [400, 1_600]);
