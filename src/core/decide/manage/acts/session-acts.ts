/** Acts on API keys, on the trading sessions opened with them, and on customers' devices. */
import { AREAS, areaWord } from '../../../rules/scopes/areas.ts';
import type { Act } from './act-form.ts';

const CUSTOMER = {
  is: 'text', required: true, says: 'customer id, number or login name',
} as const;

const CID = { is: 'text', required: true, says: 'id of the API key' } as const;

const PERMISSIONS: readonly string[] = AREAS.flatMap(({ name }) =>
  [areaWord(name, 'Read'), areaWord(name, 'FullAccess')]);

export const SESSION_ACTS = {
  'api-key.create': {
    says: 'Create an API key, with which programs sign customers in by name and password',
    args: {
      name: { is: 'text', required: true, says: 'its name, which a sign-in must repeat' },
      owner: {
        is: 'text', required: true, says: 'partner, or the customer whose key it is',
      },
      cid: { is: 'text', says: '1 to 9 digits; drawn when absent' },
      secret: { is: 'text', secret: true, says: 'import one; drawn when absent' },
      dialect: { is: 'text', says: 'the dialect it speaks' },
      permissions: {
        is: 'list', choices: PERMISSIONS, says: 'the most a session can hold; all when absent',
      },
      first_party: { is: 'flag', says: 'your own program: it may answer challenges' },
      challenge_required: { is: 'flag', says: 'it must answer them' },
      password: {
        is: 'text', secret: true, says: 'a password for this key alone; a customer\'s key only',
      },
    },
    columns: ['cid', 'name', 'owner', 'status', 'secret'],
  },
  'api-key.list': {
    says: 'List API keys',
    args: {},
    reads_only: true,
    columns: ['cid', 'name', 'owner', 'status', 'first_party'],
  },
  'api-key.show': {
    says: 'Show one API key', args: { cid: CID }, by_place: ['cid'], reads_only: true,
  },
  'api-key.disable': {
    says: 'Disable an API key: every session opened with it ends at once, for good',
    args: { cid: CID },
    by_place: ['cid'],
    columns: ['cid', 'name', 'status'],
  },
  'api-key.enable': {
    says: 'Enable a disabled API key; sessions that ended stay ended',
    args: { cid: CID },
    by_place: ['cid'],
    columns: ['cid', 'name', 'status'],
  },
  'api-key.change': {
    says: 'Change what sessions of an API key may do, those that are open included',
    args: {
      cid: CID,
      permissions: { is: 'list', required: true, choices: PERMISSIONS, says: 'replaces all' },
    },
    by_place: ['cid'],
    columns: ['cid', 'name', 'permissions'],
  },
  'api-key.rotate-secret': {
    says: 'Give an API key a new secret, shown once; the old one ends at once',
    args: {
      cid: CID,
      secret: { is: 'text', secret: true, says: 'import one instead of drawing it' },
    },
    by_place: ['cid'],
    columns: ['cid', 'secret'],
  },
  'session.list': {
    says: 'List a customer\'s trading sessions, oldest first',
    args: { customer: CUSTOMER },
    by_place: ['customer'],
    reads_only: true,
    columns: ['session', 'cid', 'device', 'app_version', 'address', 'opened_at', 'live'],
  },
  'session.end': {
    says: 'End one trading session, or all of a customer',
    args: { customer: CUSTOMER, session: { is: 'text', says: 'its id; all when absent' } },
    by_place: ['customer', 'session'],
    columns: ['ended'],
  },
  'device.block': {
    says: 'Block a device of a customer: its live sessions may no longer trade',
    args: {
      customer: CUSTOMER,
      device: { is: 'text', required: true, says: 'device id as the program sends it' },
    },
    by_place: ['customer', 'device'],
    columns: ['customer', 'blocked_devices'],
  },
  'device.unblock': {
    says: 'Take a device off a customer\'s list of blocked ones',
    args: {
      customer: CUSTOMER,
      device: { is: 'text', required: true, says: 'device id as the program sends it' },
    },
    by_place: ['customer', 'device'],
    columns: ['customer', 'blocked_devices'],
  },
} as const satisfies { readonly [name: string]: Act };
