/** Cases of checking a token: sessions, signed tokens and open streams. */
import { type CheckFacts, streamAudience } from '../../../src/core/decide/session/check-token.ts';
import { ALL_AREAS } from '../../../src/core/rules/scopes/areas.ts';
import { scopeMask, scopeWords } from '../../../src/core/rules/scopes/scopes.ts';
import {
  EVICTED, KEYLESS, ON_STREAM, STREAMS, STREAM_OF_SESSION, WITHOUT_KEY, check, session,
  sessionToken, signed, token,
} from './session-facts.ts';
import {
  DEVICE, NOW, SITE, apiKeyFor, appFor, customerFor, profileFor, rosterFor, sessionFor,
  sessionProfileFor, worldFor,
} from '../facts.ts';
import type { TableUnderTest } from '../rule-cases.ts';

const RESOURCE = 'https://api.example';
const DEVICE_FREE = { device_needed: false };
const NO_DEVICE = { device: null };
const BLOCKED = rosterFor({ blocked_devices: ['another-device', DEVICE] });
const keyWith = (...words: string[]) => apiKeyFor({ scopes: scopeMask(words) });
/** Everything but trading. */
const ELSE = scopeWords(ALL_AREAS).filter((word) => word !== 'Orders:FullAccess');
const TRADING = ['Orders:FullAccess'];
/** A token of a grant of areas; a signed token names no scopes. */
const GRANT_AREAS = {
  profile: sessionProfileFor(), bearer: token({ scopes: -1 }), app: appFor({ scopes: ALL_AREAS }),
};
const born = (over: Partial<ReturnType<typeof sessionFor>['epochs']>) =>
  session({}, { epochs: { ...sessionFor().epochs, ...over } });

export const SESSION_CHECKS: TableUnderTest<CheckFacts>['cases'] = {
  'bearer.present': {
    passes: { 'a token of a session': session() },
    refuses: {},
  },
  'bearer.known': {
    passes: {
      'a sealed token of a grant for a resource': check({}, { resource: RESOURCE }),
      'a signed token for its issuer': signed(SITE.issuer),
      'a signed token for the resource of its grant': signed(RESOURCE, { resource: RESOURCE }),
      'a token of a grant for streams, on a stream': signed(STREAMS, {}, ON_STREAM),
      'a token of a session for streams, on a stream': session({
        ...ON_STREAM, bearer: sessionToken({ audience: STREAMS }),
      }),
      'a token of a session for its issuer, on a stream': session(ON_STREAM),
      'an open stream of a session': session({ bearer: STREAM_OF_SESSION }),
    },
    refuses: {
      'a token of a session where there are none': session({ profile: profileFor() }),
      'a token of a session of who never had one': session({ roster: undefined }),
      'a token of a session for streams, elsewhere': session({
        bearer: sessionToken({ audience: STREAMS }),
      }),
      'a token of a session for a resource': session({
        bearer: sessionToken({ audience: RESOURCE }),
      }),
      'a token of a session for the streams of another issuer, on a stream': session({
        ...ON_STREAM, bearer: sessionToken({ audience: streamAudience('https://o.example') }),
      }),
      'a token of a grant for streams, elsewhere': signed(STREAMS),
      'a token of a grant for another resource': signed(`${RESOURCE}/`, { resource: RESOURCE }),
      'a token for its issuer, of a grant for a resource': signed(
        SITE.issuer, { resource: RESOURCE },
      ),
      'a token for a resource, of a grant for none': signed(RESOURCE),
      'a token of an evicted session for another audience': session({
        roster: EVICTED, bearer: sessionToken({ audience: RESOURCE }),
      }),
    },
  },
  'bearer.fresh': {
    passes: {
      'the last millisecond of a token of a session': session({
        bearer: sessionToken({ expires_at: NOW + 1 }),
      }),
      'an open stream until the newest token of its session ends': session(
        { bearer: STREAM_OF_SESSION }, { tokens_end_at: NOW + 1 },
      ),
      'an open stream until the newest token of its grant ends': check(
        { bearer: token({ expires_at: null, number: null }) },
        { last_used_at: NOW + 1 - 86_400_000 },
      ),
    },
    refuses: {
      'a token of a session that was renewed since': session(
        { bearer: sessionToken({ expires_at: NOW }) }, { last_number: 2 },
      ),
      'a token of an evicted session': session({
        roster: EVICTED, bearer: sessionToken({ expires_at: NOW }),
      }),
      'an open stream when the newest token of its session ends': session(
        { bearer: STREAM_OF_SESSION }, { tokens_end_at: NOW },
      ),
      'an open stream when the newest token of its grant ends': check(
        { bearer: token({ expires_at: null, number: null }) }, { last_used_at: NOW - 86_400_000 },
      ),
    },
  },
  'bearer.session_kept': {
    passes: {
      'a session beside one that was evicted': session({
        roster: rosterFor({ evicted: [{ id: 'eldersessio', tokens_end_at: NOW + 1000 }] }),
      }),
      'a grant of a customer with an evicted session': check({ roster: EVICTED }),
    },
    refuses: {
      'a session that a newer one has closed': session({ roster: EVICTED }),
      'a stream of it': session({ roster: EVICTED, bearer: STREAM_OF_SESSION }),
      'a session of a customer who was locked since': session({
        roster: EVICTED, customer: customerFor({ status: 'locked' }),
      }),
    },
  },
  'bearer.live': {
    passes: {
      'a session beside the rest of its roster': session({
        roster: rosterFor({ sessions: [sessionFor({ id: 'newersessio' }), sessionFor()] }),
      }),
      'a session whose newer token was ended singly': session(
        {}, { last_number: 2, ended_numbers: '1' },
      ),
      'an open stream, whatever the numbers': session(
        { bearer: STREAM_OF_SESSION }, { last_number: 500, ended_numbers: 'fff' },
      ),
      'a session without an API key where none is needed': session(KEYLESS, WITHOUT_KEY),
    },
    refuses: {
      'a session that was ended': session({ roster: rosterFor({ sessions: [] }) }),
      'a session of another dialect': session({}, { dialect: 'other' }),
      'a session of a locked customer': session({ customer: customerFor({ status: 'locked' }) }),
      'a session of a customer who is gone': session({ customer: undefined }),
      'a session of who was locked and unlocked since': born({ standing: 6 }),
      'a session of an older password': born({ credentials: 10 }),
      'a session of a disabled API key': session({ api_key: apiKeyFor({ status: 'disabled' }) }),
      'a session of an API key disabled and enabled since': born({ api_key: 16 }),
      'a session of an API key that is gone': session({ api_key: undefined }),
      'a session of a world restored since': session({ world: worldFor({ epoch: 14 }) }),
      'a token of a session that was ended singly': session(
        {}, { last_number: 2, ended_numbers: '2' },
      ),
      'the twenty-first newest token of a session': session({}, { last_number: 21 }),
      'a number that its session never issued': session({ bearer: sessionToken({ number: 2 }) }),
    },
  },
  'bearer.scope': {
    passes: {
      'the area of the route': session({ api_key: keyWith('Orders:FullAccess') }),
      'a lower level than the key has': session({
        api_key: keyWith('Orders:FullAccess'), scopes: ['Orders:Read'],
      }),
      'reading orders without a device': session({ scopes: ['Orders:Read'] }, NO_DEVICE),
      'all else without a device': session({ scopes: ELSE }, NO_DEVICE),
      'AT-V31 trading without a device where none is needed': session(
        {}, { ...NO_DEVICE, ...DEVICE_FREE },
      ),
      'trading by a blocked device where none is needed': session({
        roster: { ...BLOCKED, sessions: [sessionFor(DEVICE_FREE)] },
      }),
      'trading beside a blocked device': session({
        roster: rosterFor({ blocked_devices: ['another-device'] }),
      }),
      'all areas without an API key where none is needed': session(KEYLESS, WITHOUT_KEY),
      'trading by a grant, which has no device': check(
        { ...GRANT_AREAS, scopes: TRADING }, { scopes: ALL_AREAS },
      ),
    },
    refuses: {
      'an area that the API key lacks': session({ api_key: keyWith('Prices:Read') }),
      'a higher level than the API key has': session({ api_key: keyWith('Orders:Read') }),
      'AT-V31 trading without a device': session({}, NO_DEVICE),
      'trading by a blocked device': session({ roster: BLOCKED }),
      'trading without a device by a stream': session({ bearer: STREAM_OF_SESSION }, NO_DEVICE),
      'trading without a device or an API key': session(KEYLESS, { ...WITHOUT_KEY, ...NO_DEVICE }),
      'a plain word by a session': session({ scopes: ['read'] }),
      'AT-V24 trading by a grant whose app was lowered to reading': check(
        { ...GRANT_AREAS, scopes: TRADING, app: appFor({ scopes: scopeMask(['Orders:Read']) }) },
        { scopes: ALL_AREAS },
      ),
      'AT-V24 trading by a grant whose app was raised since': check(
        { ...GRANT_AREAS, scopes: TRADING }, { scopes: scopeMask(['Orders:Read']) },
      ),
    },
  },
  'bearer.account': {
    passes: { 'an account of hers by a session': session({ account: '6YA00002' }) },
    refuses: {
      'an account of another customer by a session': session({ account: '6YB00001' }),
      'an account delegated to her, by a session': session({
        account: '6YB00001', customer: customerFor({ delegated_accounts: ['6YB00001'] }),
      }),
    },
  },
};
