/** A token request as this dialect sends it (contract §5.1): a form, Basic or body credentials. */
import type { Commands, LeakedSecret } from '../../core/commands.ts';
import { type Refusal, type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { WireRequest } from '../../core/wire.ts';
import {
  NOTHING_READ, basicMeaning, formDecoded, readAuthorization,
} from '../credentials.ts';
import { type Form, decodeForm } from '../form.ts';
import { TRADIER_PROFILE } from './profile.ts';
import { scopeWordsOf } from './scope-words.ts';

const LISTED = [
  'grant_type', 'code', 'refresh_token', 'client_id', 'client_secret', 'redirect_uri',
  'code_verifier', 'scope',
];

const SECRET_NAMES = ['client_secret', 'code', 'refresh_token', 'code_verifier'] as const;

export function decodeToken(request: WireRequest): Result<Commands['token']> {
  const leaked = leakedSecret(request);
  if (leaked !== null) return accepted({ ...NOTHING_READ, profile: TRADIER_PROFILE, leaked });
  const form = readForm(request);
  if (!form.ok) return form;
  const { value } = form;
  const client = readClient(request, value);
  if (!client.ok) return client;
  return accepted({
    profile: TRADIER_PROFILE,
    ...client.value,
    grant_type: nonEmpty(value.get('grant_type')),
    code: nonEmpty(value.get('code')),
    code_verifier: nonEmpty(value.get('code_verifier')),
    redirect_uri: nonEmpty(value.get('redirect_uri')),
    refresh_token: nonEmpty(value.get('refresh_token')),
    scope: scopeWordsOf(value.get('scope')),
    resource: null,
  });
}

/** The first secret in the query, with the app that the request says it is of. */
function leakedSecret(request: WireRequest): LeakedSecret | null {
  if (request.query === '') return null;
  const query = decodeForm(request.query, LISTED);
  const parameter = SECRET_NAMES.find(
    (name) => query.get(name) !== null || query.malformed.includes(name),
  );
  if (parameter === undefined) return null;
  const header = readAuthorization(request.header('authorization'));
  const basic_id = header.is === 'basic' ? header.credentials.id : null;
  const client_id = query.get('client_id') ?? basic_id;
  return { parameter, value: query.get(parameter) ?? '', client_id };
}

function readForm(request: WireRequest): Result<Form> {
  const query = decodeForm(request.query, LISTED);
  const in_query = (name: string): boolean =>
    query.get(name) !== null || query.malformed.includes(name);
  const type = request.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || request.headerCount('content-type') > 1) {
    return refused(malformed('request_malformed', 'Content-Type', 'not a form'));
  }
  const form = decodeForm(request.body, LISTED);
  const [broken] = form.malformed;
  if (broken !== undefined) {
    return refused(malformed('request_malformed', broken, 'repeated, too long or not UTF-8'));
  }
  // In the body and in the query is twice (HP-05).
  const twice = LISTED.find((name) => form.get(name) !== null && in_query(name));
  if (twice === undefined) return accepted(form);
  return refused(malformed('request_malformed', twice, 'in the body and in the query'));
}

type Client = Pick<Commands['token'], 'client' | 'client_id_hint'>;

/** Basic or body; both only when they are equal (contract §5.1, CA-02). */
function readClient(request: WireRequest, form: Form): Result<Client> {
  if (request.headerCount('authorization') > 1) {
    return refused(malformed('credentials_conflict', 'Authorization', 'sent twice'));
  }
  const id = nonEmpty(form.get('client_id'));
  const secret = nonEmpty(form.get('client_secret'));
  const header = readAuthorization(request.header('authorization'));
  const body = id === null || secret === null ? null : { id, secret };
  if (header.is === 'malformed') return accepted({ client: null, client_id_hint: null });
  if (header.is !== 'basic') return accepted({ client: body, client_id_hint: null });
  const basic = header.credentials;
  if (secret === null) return accepted({ client: basicMeaning(basic, id), client_id_hint: id });
  const same = [basic, formDecoded(basic)].find(
    (one) => one.secret === secret && (id === null || one.id === id),
  );
  if (same === undefined) {
    return refused(malformed('credentials_conflict', 'client_secret', 'Basic and body differ'));
  }
  return accepted({ client: same, client_id_hint: null });
}

function nonEmpty(value: string | null): string | null {
  return value === '' ? null : value;
}

function malformed(
  code: Extract<Refusal['code'], 'request_malformed' | 'credentials_conflict'>,
  parameter: string,
  reason: string,
): Refusal {
  return { code, rule: 'token.decode', reason, parameter };
}
