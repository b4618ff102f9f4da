/** A token request as this dialect sends it (contract §5.1): JSON or form, three ways to prove. */
import type { ClientCredentials, Commands, LeakedSecret } from '../../../core/commands.ts';
import type { Profile } from '../../../core/rules/profile.ts';
import { type Result, accepted, refused } from '../../../core/rules/refusals.ts';
import type { WireRequest } from '../../../core/wire.ts';
import {
  type Authorization, NOTHING_READ, basicMeaning, readAuthorization,
} from '../../credentials.ts';
import { type Form, decodeForm } from '../../form.ts';
import { type FieldForms, type Fields, LONG, malformed, readFields } from './fields.ts';

const RULE = 'token.decode';

const FIELDS = {
  grant_type: { is: 'text', max: 64 },
  code: { is: 'text', max: LONG },
  redirect_uri: { is: 'text', max: LONG },
  client_id: { is: 'id', max: LONG },
  client_secret: { is: 'text', max: LONG },
  httpAuth: { is: 'text', max: LONG },
  refresh_token: { is: 'text', max: LONG },
  code_verifier: { is: 'text', max: 128 },
  resource: { is: 'text', max: LONG },
  assertion: { is: 'text', max: LONG },
} as const satisfies FieldForms;

const NAMES: readonly string[] = Object.keys(FIELDS);

export function decodeToken(request: WireRequest, profile: Profile): Result<Commands['token']> {
  if (request.query !== '') {
    const query = decodeForm(request.query, NAMES);
    const leaked = leakedSecret(request, query);
    if (leaked !== null) return accepted({ ...NOTHING_READ, profile, leaked });
    const named = NAMES.find((name) => isIn(query, name));
    if (named !== undefined) return refused(malformed(RULE, named, 'in the query'));
  }
  const fields = readFields(request, FIELDS, { rule: RULE, forms: true });
  if (!fields.ok) return fields;
  const client = readClient(request, fields.value);
  if (!client.ok) return client;
  const { text } = fields.value;
  return accepted({
    profile,
    ...client.value,
    grant_type: text('grant_type'),
    code: text('code'),
    code_verifier: text('code_verifier'),
    redirect_uri: text('redirect_uri'),
    refresh_token: text('refresh_token'),
    // What an app may do is set at its registration, not asked for.
    scope: null,
    resource: text('resource'),
  });
}

const SECRET_NAMES = ['client_secret', 'code', 'refresh_token', 'code_verifier'] as const;

function isIn(form: Form, name: string): boolean {
  return form.get(name) !== null || form.malformed.includes(name);
}

/** The first secret in the query, with the app that the request says it is of. */
function leakedSecret(request: WireRequest, query: Form): LeakedSecret | null {
  const http_auth = query.get('httpAuth');
  if (http_auth !== null) {
    const read = readAuthorization(http_auth);
    const basic = read.is === 'basic' ? read.credentials : { id: null, secret: '' };
    return { parameter: 'client_secret', value: basic.secret, client_id: basic.id };
  }
  const parameter = SECRET_NAMES.find((name) => isIn(query, name));
  if (parameter === undefined) return null;
  const header = readAuthorization(request.header('authorization'));
  const basic_id = header.is === 'basic' ? header.credentials.id : null;
  const client_id = query.get('client_id') ?? basic_id;
  return { parameter, value: query.get(parameter) ?? '', client_id };
}

type Client = Pick<Commands['token'], 'client' | 'client_id_hint'>;

const NO_CLIENT: Client = { client: null, client_id_hint: null };

/** Body secret, `httpAuth` or Basic: one of them (CA-02). */
function readClient(request: WireRequest, { text }: Fields): Result<Client> {
  const id = text('client_id');
  const secret = text('client_secret');
  const http_auth = text('httpAuth');
  const header = readAuthorization(request.header('authorization') || undefined);
  const has_basic = header.is === 'basic' || header.is === 'malformed';
  const ways = [secret !== null, http_auth !== null, has_basic].filter(Boolean).length;
  if (ways > 1 || request.headerCount('authorization') > 1) {
    const reason = 'more than one client authentication';
    return refused({ code: 'credentials_conflict', rule: RULE, reason });
  }
  if (http_auth !== null) return accepted(basicClient(readAuthorization(http_auth), id));
  if (has_basic) return accepted(basicClient(header, id));
  if (id === null) return accepted(NO_CLIENT);
  return accepted({ client: { id, secret }, client_id_hint: null });
}

/** `client_id` in the body beside it is a hint, which the core compares. */
function basicClient(authorization: Authorization, id_beside: string | null): Client {
  if (authorization.is !== 'basic') return NO_CLIENT;
  const { id, secret } = basicMeaning(authorization.credentials, id_beside);
  const client: ClientCredentials = { id, secret: secret === '' ? null : secret };
  return { client, client_id_hint: id_beside };
}
