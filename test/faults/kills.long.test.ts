import { checkKills } from './kills.ts';

checkKills(200, [150, 900]);
