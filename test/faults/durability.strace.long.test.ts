import { checkDurability } from './durability-checks.ts';

checkDurability(1_000);
