/** The endpoints of §7, §8 and §12 with a small command each. */
import type { CommandName, Outcomes } from '../../../core/commands.ts';
import { type Codec, type Route, answerBy, refusalLog } from '../../../core/routes.ts';
import { AREAS, type Area } from '../../../core/rules/scopes/areas.ts';
import { countryIsBanned, countryOf } from '../../../core/rules/countries.ts';
import { type Result, accepted, refused } from '../../../core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../../core/wire.ts';
import { decodeForm } from '../../form.ts';
import { emptyAnswer, okAnswer, secondsTime } from '../answers.ts';
import { apiRefusal, failureAnswer } from '../api-answers.ts';
import { optionalCheck, penalizedCheck, tokenCheck } from '../decode/decode-session.ts';
import { keysAnswer, metadataAnswer } from './discovery.ts';
import { LONG, malformed, readFields } from '../decode/fields.ts';
import { areaById, areaByName, areasWith, productObject } from './products.ts';
import { profileOf } from '../profile.ts';
import { encodeSession, identityObject, userinfoObject } from '../session-answers.ts';
import type { TradovateOptions } from '../settings.ts';

type Answer = Route['answer'];

/** §7. */
export function renewToken(options: TradovateOptions): Answer {
  return answerBy({
    command: 'renew_token',
    decode: (request) => accepted(penalizedCheck(request, profileOf(options))),
    encode: (answer) => encodeSession(answer, options.settings),
    refuse: refuseBy(options),
  });
}

/** §8. */
export function readMe(options: TradovateOptions): Answer {
  return answerBy({
    command: 'read_identity',
    decode: (request) => accepted(penalizedCheck(request, profileOf(options))),
    encode: (identity) => okAnswer(identityObject(identity)),
    refuse: refuseBy(options),
  });
}

/** §12.2: the same question under a name that no limit of its own is set for. */
export function readUserinfo(options: TradovateOptions): Answer {
  return answerBy({
    command: 'read_identity',
    decode: (request) => accepted({
      ...tokenCheck(request, profileOf(options)), penalized: false, ticket: null,
    }),
    encode: (identity) => okAnswer(userinfoObject(identity)),
    refuse: refuseBy(options),
  });
}

/** §12.1: milliseconds, for clients with a wrong clock. */
export function readTime(options: TradovateOptions): Answer {
  return answerBy(counted(options, ({ now }) =>
    okAnswer({ timestamp: new Date(now).toISOString() })));
}

/** §12.3. */
export function issueChallenge(options: TradovateOptions): Answer {
  return answerBy({
    command: 'issue_challenge',
    decode(request) {
      const form = decodeForm(request.query, ['deviceId']);
      const device = form.get('deviceId');
      if (form.malformed.length > 0 || (device ?? '').length > 64) {
        return refused(malformed('challenge.decode', 'deviceId', 'repeated or too long'));
      }
      return accepted({ profile: profileOf(options), device: device === '' ? null : device });
    },
    encode: ({ challenge, expires_at }) =>
      okAnswer({ chl: challenge, expirationTime: secondsTime(expires_at) }),
    refuse: refuseBy(options),
  });
}

/** §12.4. */
export function judgeCountry(options: TradovateOptions): Answer {
  const listed = {
    country: { is: 'text', max: LONG }, countryCode: { is: 'text', max: LONG },
  } as const;
  return bodied(options, (request) => {
    const fields = readFields(request, listed, { rule: 'country.decode', forms: false });
    if (!fields.ok) return fields;
    const { text } = fields.value;
    return accepted(countryOf(text('country') ?? text('countryCode') ?? ''));
  }, (country) => counted(options, () => country === null
    ? failureAnswer(200, 'Unknown country')
    : okAnswer({ country, banned: countryIsBanned(country, options.settings.banned_countries) })));
}

/** §12.5. */
export function listProducts(options: TradovateOptions): Answer {
  return answerBy({
    command: 'read_permissions',
    decode: (request) => accepted({
      ...optionalCheck(request, profileOf(options)), token_needed: false,
    }),
    encode: ({ scopes }) => productsAnswer(options, undefined, scopes ?? undefined),
    refuse: refuseBy(options),
  });
}

/** §12.6: one product, by id or by name. */
export function readProduct(options: TradovateOptions): Answer {
  const listed = { id: { is: 'integer' }, name: { is: 'text', max: LONG } } as const;
  return bodied(options, (request) => {
    const fields = readFields(request, listed, { rule: 'product.decode', forms: false });
    if (!fields.ok) return fields;
    const id = fields.value.integer('id');
    const name = fields.value.text('name');
    if ((id === null) === (name === null)) {
      return refused(malformed('product.decode', 'id', 'neither or both of id and name'));
    }
    const area = name === null ? areaById(id ?? 0) : areaByName(name);
    return accepted(area);
  }, (area) => counted(options, () => area === undefined
    ? emptyAnswer(404)
    : okAnswer(productObject(area, options.worlds))));
}

const SEARCH = { text: { is: 'text', max: LONG }, limit: { is: 'integer' } } as const;
const SEARCH_RESULTS_MAX = 25;
const SEARCH_RESULTS = 10;

/** §12.6: products by a part of their name or description. */
export function searchProducts(options: TradovateOptions): Answer {
  return bodied(options, (request) => {
    const fields = readFields(request, SEARCH, { rule: 'search.decode', forms: false });
    if (!fields.ok) return fields;
    const limit = fields.value.integer('limit') ?? SEARCH_RESULTS;
    if (limit < 1 || limit > SEARCH_RESULTS_MAX) {
      return refused(malformed('search.decode', 'limit', 'not 1 to 25'));
    }
    return accepted({ text: fields.value.text('text') ?? '', limit });
  }, ({ text, limit }): Codec<'read_permissions'> => ({
    command: 'read_permissions',
    decode: (request) => accepted({
      ...tokenCheck(request, profileOf(options)), token_needed: true,
    }),
    encode() {
      const areas = areasWith(text);
      return areas === null
        ? failureAnswer(200, 'Search text is too short')
        : productsAnswer(options, areas.slice(0, limit));
    },
    refuse: refuseBy(options),
  }));
}

/** §12.8. */
export function readKeys(options: TradovateOptions): Answer {
  return answerBy({
    command: 'read_keys',
    decode: () => accepted({ profile: profileOf(options) }),
    encode: keysAnswer,
    refuse: refuseBy(options),
  });
}

/** §12.9. */
export function readMetadata(options: TradovateOptions): Answer {
  return answerBy(counted(options, (_outcome, { world }) => {
    const served = options.worlds[world];
    return served === undefined ? emptyAnswer(404) : metadataAnswer(served);
  }));
}

function productsAnswer(
  { worlds }: TradovateOptions,
  areas: readonly Area[] = AREAS,
  granted?: number,
): WireResponse {
  return okAnswer(areas.map((area) => productObject(area, worlds, granted)));
}

export function refuseBy({ settings }: TradovateOptions): Codec<CommandName>['refuse'] {
  return (refusal) => apiRefusal(refusal, settings);
}

/** A call that anybody may make, so often. */
function counted(
  options: TradovateOptions,
  encode: (outcome: Outcomes['count_call'], request: WireRequest) => WireResponse,
): Codec<'count_call'> {
  return {
    command: 'count_call',
    decode: () => accepted({ profile: profileOf(options) }),
    encode,
    refuse: refuseBy(options),
  };
}

/** An answer that needs both what the body says and what the command comes to. */
function bodied<N extends CommandName, B>(
  { settings }: TradovateOptions,
  read: (request: WireRequest) => Result<B>,
  codecOf: (body: B) => Codec<N>,
): Answer {
  return (request, dispatch) => {
    const body = read(request);
    if (body.ok) return answerBy(codecOf(body.value))(request, dispatch);
    const log = refusalLog(body.refusal);
    return Promise.resolve({ ...apiRefusal(body.refusal, settings), log });
  };
}
