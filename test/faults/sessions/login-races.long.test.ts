import { API_KEYS } from '../../outside/tradovate-fixtures.ts';
import { checkLoginRaces } from './login-races.ts';

checkLoginRaces(500, [API_KEYS.K1]);
