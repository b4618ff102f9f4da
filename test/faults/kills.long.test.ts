import { checkKills } from './kills.ts';

checkKills(200, [200, 1_500]);
