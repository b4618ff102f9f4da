/** What an app may be registered as; the same rules for acts, the command line and seed files. */
import type { App } from '../../kinds/app.ts';
import { AREAS, areaWord } from '../../rules/scopes/areas.ts';
import { VOCABULARIES, type Vocabulary } from '../../rules/scopes/scopes.ts';
import { type Refusal } from '../../rules/refusals.ts';
import { callbackFault, linkFault } from './callback-rules.ts';
import { type ActRule, judge, nameFault } from './judge.ts';

/** A registration as it would stand in the record. */
export type AppDraft = {
  readonly client_id: string;
  readonly dialect: string;
  readonly name: string;
  readonly home_page: string | null;
  readonly logo: string | null;
  readonly redirect_uris: readonly string[];
  readonly scopes: readonly string[];
  readonly authentication: 'client_secret' | 'none';
  readonly resources: readonly string[];
  readonly redirect_uri_mode?: App['redirect_uri_mode'];
};

/** What a dialect registers: the form of its ids, its words, how its apps prove themselves. */
export type Registration = {
  readonly client_id: ClientIdForm;
  readonly vocabulary: Vocabulary;
  readonly authentications: readonly AppDraft['authentication'][];
  /** What may become of an unregistered `redirect_uri`. */
  readonly redirect_uri_modes: readonly App['redirect_uri_mode'][];
  /** What an app is registered for when nothing is said; null = it must be said. */
  readonly default_scopes: readonly string[] | null;
};

/** Every dialect that apps are registered for; the first is meant when none is named. */
export type Registrations = {
  readonly first: string;
  readonly of: { readonly [dialect: string]: Registration };
};

/** `text`: 32 characters of [A-Za-z0-9]; `number`: five or more decimal digits. */
export type ClientIdForm = 'text' | 'number';

const CLIENT_IDS: {
  readonly [F in ClientIdForm]: { readonly form: RegExp; readonly says: string };
} = {
  text: { form: /^[A-Za-z0-9]{32}$/, says: 'must be 32 characters of [A-Za-z0-9]' },
  number: { form: /^[1-9][0-9]{4,14}$/, says: 'must be 5 to 15 digits, the first not 0' },
};

type AppFacts = AppDraft & { readonly registration: Registration };

const CALLBACKS_MAX = 20;
const RESOURCES_MAX = 20;

/** Order: identity, what people see, where answers go, what it may do. */
export const APP_RULES: readonly ActRule<AppFacts>[] = [
  rule('app.client_id', 'contract §2, §3; MX-07', 'client_id', ({ client_id, registration }) => {
    const { form, says } = CLIENT_IDS[registration.client_id];
    return form.test(client_id) ? null : says;
  }),
  rule('app.dialect', 'design §6', 'dialect', ({ dialect }) =>
    /^[a-z]{2,20}$/.test(dialect) ? null : 'must name a dialect'),
  rule('app.name', 'XS-02', 'name', ({ name }) => nameFault(name)),
  rule('app.home_page', 'RU-14', 'home_page', ({ home_page }) =>
    home_page === null ? null : linkFault(home_page)),
  rule('app.logo', 'RU-14', 'logo', ({ logo }) => (logo === null ? null : linkFault(logo))),
  rule('app.callbacks_present', 'RU-09', 'redirect_uris', ({ redirect_uris }) => {
    if (redirect_uris.length === 0) return 'register at least one callback';
    return redirect_uris.length > CALLBACKS_MAX ? `register at most ${CALLBACKS_MAX}` : null;
  }),
  rule('app.callbacks_distinct', 'RFC 9700 §2.1', 'redirect_uris', ({ redirect_uris }) =>
    new Set(redirect_uris).size === redirect_uris.length ? null : 'a callback is listed twice'),
  rule('app.scopes', 'contract §2', 'scopes', ({ scopes }) =>
    scopes.length === 0 ? 'name at least one scope' : null),
  rule('app.vocabulary', 'design §6; BR-17', 'scopes', ({ scopes, registration }) => {
    const words = wordsOf(registration.vocabulary);
    const stranger = scopes.find((word) => !words.includes(word));
    return stranger === undefined ? null : `must be of: ${words.join(', ')}`;
  }),
  rule('app.authentication', 'RFC 6749 §2.1', 'authentication', (facts) =>
    facts.registration.authentications.includes(facts.authentication)
      ? null
      : `must be one of: ${facts.registration.authentications.join(', ')}`),
  rule('app.redirect_uri_mode', 'contract §4', 'redirect_uri_mode', (facts) => {
    const { redirect_uri_mode = 'strict', registration: { redirect_uri_modes } } = facts;
    return redirect_uri_modes.includes(redirect_uri_mode)
      ? null
      : `must be one of: ${redirect_uri_modes.join(', ')}`;
  }),
  rule('app.resources', 'RFC 8707 §2', 'resources', ({ resources }) => {
    if (resources.length > RESOURCES_MAX) return `register at most ${RESOURCES_MAX}`;
    return resources.every(isResource) ? null : 'must be absolute URIs without a fragment';
  }),
];

/** Words an app of this vocabulary may be registered with; areas only at levels they offer. */
export function wordsOf(vocabulary: Vocabulary): readonly string[] {
  const offered = AREAS.filter(({ offers_full }) => !offers_full)
    .map(({ name }) => areaWord(name, 'FullAccess'));
  return VOCABULARIES[vocabulary].map(({ word }) => word)
    .filter((word) => !offered.includes(word));
}

function isResource(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && !text.includes('#') &&
    text.length <= 512;
}

/** The first reason not to register this, or null. */
export function refuseApp(draft: AppDraft, registration: Registration): Refusal | null {
  return judge(APP_RULES, { ...draft, registration }) ?? refuseCallbacks(draft.redirect_uris);
}

function refuseCallbacks(redirect_uris: readonly string[]): Refusal | null {
  for (const [place, uri] of redirect_uris.entries()) {
    const fault = callbackFault(uri);
    if (fault === null) continue;
    const reason = `callback ${place + 1} ${fault.reason}`;
    return { code: 'act_malformed', rule: fault.rule, parameter: 'redirect_uris', reason };
  }
  return null;
}

export type SecretFacts = { readonly secret: string };

const SECRET_MIN = 40;
const SECRET_MAX = 256;
/** Bits that a text of this length over this many different characters can carry at most. */
const SECRET_BITS_MIN = 112;

/** Imported secrets are compared by a fast digest, so they must be beyond guessing (DR-03). */
export const SECRET_RULES: readonly ActRule<SecretFacts>[] = [
  rule('secret.form', 'contract §2', 'secret', ({ secret }) =>
    /^[A-Za-z0-9_-]*$/.test(secret) ? null : 'may hold [A-Za-z0-9_-] only'),
  rule('secret.length', 'contract §2; DR-03', 'secret', ({ secret }) =>
    secret.length >= SECRET_MIN && secret.length <= SECRET_MAX
      ? null
      : `must have ${SECRET_MIN} to ${SECRET_MAX} characters`),
  rule('secret.strength', 'DR-03', 'secret', ({ secret }) =>
    secret.length * Math.log2(new Set(secret).size) >= SECRET_BITS_MIN
      ? null
      : `repeats itself: it must be random, worth ${SECRET_BITS_MIN} bits or more`),
];

export function refuseSecret(secret: string): Refusal | null {
  return judge(SECRET_RULES, { secret });
}

function rule<F>(
  id: string,
  spec: string,
  parameter: string,
  refuse: (facts: F) => string | null,
): ActRule<F> {
  return { id, spec, code: 'act_malformed', parameter, refuse };
}
