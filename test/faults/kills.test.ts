import { checkKills } from './kills.ts';

checkKills(6, [200, 700]);
