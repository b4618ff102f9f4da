import { checkDurability } from './durability-checks.ts';

checkDurability(128);
