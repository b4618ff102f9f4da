import { API_KEYS } from '../../outside/tradovate-fixtures.ts';
import { checkLoginRaces } from './races.ts';

checkLoginRaces(250, [API_KEYS.K1, API_KEYS.narrow]);
