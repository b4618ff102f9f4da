/** The sign-in with an API key, and calls with a token, as this dialect sends them (§6–§8). */
import type { Commands, PenalizedCheck, TokenCheck } from '../../../core/commands.ts';
import type { Profile } from '../../../core/rules/profile.ts';
import { type Result, accepted, refused } from '../../../core/rules/refusals.ts';
import type { WireRequest } from '../../../core/wire.ts';
import { readBearer } from '../../credentials.ts';
import { decodeForm } from '../../form.ts';
import { canonicalJson } from '../../json.ts';
import { type FieldForms, type Fields, LONG, malformed, readFields } from './fields.ts';

const RULE = 'session.decode';

const USER_NAME_MAX = 64;
const EMAIL_MAX = 254;

const FIELDS = {
  name: { is: 'text', max: EMAIL_MAX },
  password: { is: 'text', max: LONG },
  appId: { is: 'text', max: LONG },
  appVersion: { is: 'text', max: LONG },
  deviceId: { is: 'text', max: 64 },
  cid: { is: 'id', max: LONG },
  sec: { is: 'text', max: LONG },
  hibpCheck: { is: 'flag' },
  'p-ticket': { is: 'text', max: LONG },
  chl: { is: 'text', max: LONG },
  enc: { is: 'flag' },
} as const satisfies FieldForms;

/** What a caller may change between a penalty and the repetition (§10). */
const NOT_COMPARED = ['p-ticket', 'password', 'sec'];

export function decodeSession(
  request: WireRequest,
  profile: Profile,
): Result<Commands['open_session']> {
  const fields = readFields(request, FIELDS, { rule: RULE, forms: false });
  if (!fields.ok) return fields;
  const { text, flag, json } = fields.value;
  const name = text('name');
  // Longer than any user name is an e-mail address, or a mistake.
  if (name !== null && name.length > USER_NAME_MAX && !name.includes('@')) {
    return refused(malformed(RULE, 'name', 'longer than a user name'));
  }
  return accepted({
    profile,
    key: readKey(fields.value),
    app_name: text('appId'),
    app_version: text('appVersion'),
    device: text('deviceId'),
    name,
    password: text('password'),
    password_encoded: flag('enc'),
    breach_check: flag('hibpCheck'),
    challenge: text('chl'),
    ticket: text('p-ticket'),
    body_text: canonicalJson(json ?? {}, NOT_COMPARED),
  });
}

/** Tutorials send `0` or nothing where they have no key. */
function readKey({ text }: Fields): Commands['open_session']['key'] {
  const id = text('cid');
  return id === null || id === '0' ? null : { id, secret: text('sec') ?? '' };
}

/** From the header alone, and null when it came twice: nobody can say which one counts. */
function bearerOf(request: WireRequest): string | null {
  return request.headerCount('authorization') > 1
    ? null
    : readBearer(request.header('authorization'));
}

/** @param scopes permissions that the route needs, all of them */
export function tokenCheck(
  request: WireRequest,
  profile: Profile,
  scopes: readonly string[] = [],
): TokenCheck {
  return { profile, bearer: bearerOf(request), scopes, bucket: 'standard', account: null };
}

/** A call whose ticket may stand in the query, because it has no body. */
export function penalizedCheck(request: WireRequest, profile: Profile): PenalizedCheck {
  const ticket = decodeForm(request.query, ['p-ticket']).get('p-ticket');
  return {
    ...tokenCheck(request, profile),
    penalized: true,
    ticket: ticket === '' ? null : ticket,
  };
}

/**
 * Where a token is not needed, what looks like one must still be good: a caller who sends a broken
 * token is told so, not answered as a stranger.
 */
export function optionalCheck(request: WireRequest, profile: Profile): TokenCheck {
  const check = tokenCheck(request, profile);
  const header = request.header('authorization') ?? '';
  const broken = check.bearer === null && /^\s*bearer\b/i.test(header);
  return broken ? { ...check, bearer: '' } : check;
}
