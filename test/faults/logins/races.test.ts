import { API_KEYS } from '../../outside/tradovate-fixtures.ts';
import { checkLoginRaces } from './races.ts';

checkLoginRaces(50, [API_KEYS.K1, API_KEYS.first_party]);
