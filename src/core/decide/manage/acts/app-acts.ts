/** Acts on apps, their approvals and their secrets. */
import type { Act, Arg } from './act-form.ts';
import { wordsOf } from '../app-rules.ts';

const APP: Arg & { is: 'text'; required: true } = {
  is: 'text', required: true, says: 'the app\'s client_id',
};

const SCOPE_WORDS: readonly string[] = [...wordsOf('words'), ...wordsOf('areas')];

/** What may be said of an app at its creation and changed later. */
const APP_FIELDS = {
  home_page: { is: 'text', clears: true, says: 'https address shown at consent' },
  logo: { is: 'text', clears: true, says: 'https address of its logo' },
  publisher_verified: { is: 'flag', says: 'you vouch for who stands behind it' },
  redirect_uri_mode: {
    is: 'text',
    choices: ['strict', 'ignore'],
    says: 'ignore: an unregistered redirect_uri is overlooked when one callback is registered',
  },
  scopes: { is: 'list', choices: SCOPE_WORDS, says: 'the most a grant of it can hold' },
  type: { is: 'text', choices: ['standard', 'advisor'], says: 'kind of app' },
  resources: { is: 'list', says: 'what its tokens may be for (RFC 8707)' },
  response_iss: { is: 'flag', says: 'append iss to its callbacks (RFC 9207)' },
} as const satisfies Act['args'];

const REDIRECT_URIS = 'callback, compared byte for byte; https, or http on loopback';

export const APP_ACTS = {
  'app.create': {
    says: 'Register an app; its secret is shown once',
    args: {
      name: { is: 'text', required: true, says: 'shown to customers at consent' },
      redirect_uris: { is: 'list', required: true, says: REDIRECT_URIS },
      client_id: { is: 'text', says: 'in the form of its dialect; drawn when absent' },
      secret: {
        is: 'text', secret: true, says: 'import: 40 or more of [A-Za-z0-9_-]; drawn when absent',
      },
      dialect: { is: 'text', says: 'the dialect it speaks' },
      authentication: {
        is: 'text', choices: ['client_secret', 'none'],
        says: 'none: a public client, which has no secret',
      },
      ...APP_FIELDS,
    },
    columns: ['client_id', 'name', 'status', 'scopes', 'redirect_uris', 'secret'],
  },
  'app.list': {
    says: 'List apps',
    args: {
      status: { is: 'text', choices: ['pending', 'approved', 'disabled'], says: 'only these' },
    },
    reads_only: true,
    columns: ['client_id', 'name', 'status', 'refresh_approved', 'scopes'],
  },
  'app.show': { says: 'Show one app', args: { app: APP }, by_place: ['app'], reads_only: true },
  'app.approve': {
    says: 'Approve an app; what a disabled one had issued stays dead',
    args: { app: APP },
    by_place: ['app'],
    columns: ['client_id', 'name', 'status'],
  },
  'app.disable': {
    says: 'Disable an app: every code, grant and token of it ends at once',
    args: { app: APP },
    by_place: ['app'],
    columns: ['client_id', 'name', 'status'],
  },
  'app.change': {
    says: 'Change an app; only what is named changes',
    args: {
      app: APP,
      name: { is: 'text', says: 'shown to customers at consent' },
      redirect_uris: { is: 'list', says: `replaces all: ${REDIRECT_URIS}` },
      ...APP_FIELDS,
    },
    by_place: ['app'],
    columns: ['client_id', 'name', 'status', 'scopes', 'redirect_uris'],
  },
  'app.rotate-secret': {
    says: 'Give an app a new secret, shown once; the old one works on for the overlap',
    args: {
      app: APP,
      overlap_s: {
        is: 'number', min: 0, max: 30 * 86_400, says: 'how long the old one works (7 days)',
      },
      secret: { is: 'text', secret: true, says: 'import one instead of drawing it' },
    },
    by_place: ['app'],
    columns: ['client_id', 'secret', 'old_secret_until'],
  },
  'approval.grant': {
    says: 'The second approval: the app may hold refresh tokens',
    args: { app: APP },
    by_place: ['app'],
    columns: ['client_id', 'name', 'refresh_approved'],
  },
  'approval.withdraw': {
    says: 'Withdraw it: every refresh token of the app ends, for good',
    args: { app: APP },
    by_place: ['app'],
    columns: ['client_id', 'name', 'refresh_approved'],
  },
  'approval.list': {
    says: 'List apps that may hold refresh tokens',
    args: {},
    reads_only: true,
    columns: ['client_id', 'name', 'status', 'refresh_approved'],
  },
} as const satisfies { readonly [name: string]: Act };
