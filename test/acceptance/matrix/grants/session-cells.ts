/** Tradovate: renewal in place, and the sign-in by name, password and API key. */
import { createHash, createHmac } from 'node:crypto';
import { APPS } from '../../../outside/fixtures.ts';
import { get, loginMembers, renew, sessionOf } from '../../../outside/tradovate.ts';
import type { Members } from '../../../outside/tradovate.ts';
import { API_KEYS, USERS } from '../../../outside/tradovate-fixtures.ts';
import { CLOSED, type Row, T, U, approve, disable, lock, unlock, wait, withdraw } from './cells.ts';
import { type Lab, signIn } from './lab.ts';
import { BOTH, ONLY, freshAddress, from } from '../site.ts';

const { K1, of_alice, first_party } = API_KEYS;
const { alice, erin } = USERS;
const LOCKED = T('User is temporarily locked', { userStatus: 'TemporaryLocked' });
const NO_APP = T('The app is not registered');
const NO_CHALLENGE = T('Challenge is invalid or expired');

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const disableKey = ({ act }: Lab): Promise<unknown> =>
  act('api-key.disable', { cid: String(K1.cid) });
const enableKey = ({ act }: Lab): Promise<unknown> =>
  act('api-key.enable', { cid: String(K1.cid) });

/** Renewals one after another until no further one is allowed. */
async function renewedForADay({ live, server }: Lab, token: string) {
  let newest = token;
  for (let hours = 0; hours < 24; hours += 1) {
    await server.control.advance(3_590);
    newest = sessionOf(await renew(live, newest, { headers: [from(freshAddress())] })).accessToken;
  }
  await server.control.advance(300);
  return bearer(newest);
}

export const RENEW: Row = {
  'client binding': 'no client takes part: the token alone says whose it is',
  'client authentication': [{
    says: 'a session whose API key is disabled', rule: 'bearer.live',
    reason: 'the API key is disabled',
    refused: U('denied'),
    before: disableKey, after: enableKey,
  }, {
    says: 'a grant whose app is disabled', rule: 'bearer.live', reason: 'app is not approved',
    refused: U('denied'),
    change: async (lab) => {
      const { access_token } = await lab.trader(lab.live).link(BOTH);
      await disable(BOTH.id)(lab);
      return bearer(access_token);
    },
    after: approve(BOTH.id),
  }],
  'user state': [{
    says: 'a user locked since', rule: 'renew.customer', refused: LOCKED,
    before: lock, after: unlock,
  }, {
    says: 'a user locked and unlocked since', rule: 'bearer.live',
    reason: 'customer was locked or closed since',
    refused: U('denied'),
    before: async (lab) => {
      await lock(lab);
      await unlock(lab);
    },
  }],
  consent: [{
    says: 'a session she has ended', rule: 'bearer.live', reason: 'the session has ended',
    refused: U('denied'),
    before: ({ act }) => act('session.end', { customer: 'alice' }),
  }, {
    says: 'a session that newer ones have closed', rule: 'bearer.session_kept', refused: CLOSED,
    before: async ({ live }) => {
      sessionOf(await signIn({}, live));
      sessionOf(await signIn({}, live));
    },
  }, {
    says: 'a grant withdrawn since', rule: 'bearer.live', refused: U('denied'),
    change: async (lab) => {
      const { access_token } = await lab.trader(lab.live).link(BOTH);
      await withdraw(BOTH.id)(lab);
      return bearer(access_token);
    },
  }],
  scope: 'renewal needs no permission: the new token has those of the old one',
  audience: [{
    says: 'a token for streams alone', rule: 'bearer.known', reason: 'a token for streams alone',
    refused: U('denied'),
    change: async ({ live }) =>
      bearer(sessionOf(await signIn({}, live)).mdAccessToken ?? ''),
  }],
  world: [{
    says: 'a token of the other world', rule: 'bearer.known', reason: 'env_mismatch',
    refused: U('denied'), minted_in: 'paper',
  }],
  expiry: [{
    says: 'a token of 4 801 s', rule: 'bearer.fresh', refused: U('expired'), before: wait(4_801),
  }, {
    says: 'a chain of renewals of a day', rule: 'renew.chain', refused: U('denied'),
    change: renewedForADay,
  }],
  replay: 'renewing twice is right: many processes may share a token',
  'redirect address': 'renewal leads nowhere: it has no redirect address',
  PKCE: 'the challenge was spent with the code',
  dialect: [{
    says: 'a token of the other dialect', rule: 'bearer.known', refused: U('denied'),
    change: async (lab) => bearer((await lab.customer(lab.live).link(APPS.A2)).access_token),
  }],
  'user authentication': 'the token stands for the sign-in it came from',
  'form of the request': [{
    says: 'no token', rule: 'bearer.present', refused: U('none'),
    change: () => ({ authorization: null }),
  }],
};

/** Members of a sign-in that answers a challenge instead of sending the secret. */
function challenged(chl: string): Members {
  const members = { ...loginMembers(first_party, alice), chl };
  const { deviceId, name, password, appId } = members as Members;
  const text = JSON.stringify([chl, deviceId, name, password, appId]);
  const secret = createHash('sha256').update(first_party.sec).digest();
  return { ...members, sec: createHmac('sha256', secret).update(text).digest('hex') };
}

/** A sign-in by a fresh challenge, from the address that it was given to. */
async function challengeIn({ live }: Lab) {
  const address = freshAddress();
  const { chl } = (await get(live, '/auth/challenge', [from(address)])).json();
  return { members: challenged(String(chl)), address };
}

export const PASSWORD: Row = {
  'client binding': [{
    says: 'the key of another user', rule: 'session.key_owner', refused: NO_APP,
    change: () => ({ members: loginMembers(of_alice, erin) }),
  }],
  'client authentication': [{
    says: 'an unknown key', rule: 'api_key.known', refused: NO_APP,
    change: () => ({ members: { cid: 999 } }),
  }, {
    says: 'no key', rule: 'api_key.known', refused: NO_APP,
    change: () => ({ members: { cid: undefined, sec: undefined } }),
  }, {
    says: 'a wrong secret', rule: 'api_key.secret', refused: NO_APP,
    change: () => ({ members: { sec: 'wrong' } }),
  }, {
    says: 'another name than the key has', rule: 'api_key.name', refused: NO_APP,
    change: () => ({ members: { appId: 'autotrade' } }),
  }, {
    says: 'a key that is disabled', rule: 'api_key.active', refused: NO_APP,
    before: disableKey, after: enableKey,
  }],
  'user state': [{
    says: 'a user who is locked', rule: 'session.customer', refused: LOCKED,
    before: lock, after: unlock,
  }],
  consent: 'the password is the consent; a key that must not be used is disabled',
  scope: 'a session asks for nothing: it has the permissions of its key',
  audience: 'a sign-in names no resource',
  world: [{
    says: 'a key of the other world', rule: 'api_key.known', refused: NO_APP,
    change: () => ({ members: { cid: ONLY.paper.key.cid, sec: ONLY.paper.key.sec } }),
  }],
  expiry: [{
    says: 'a challenge of 121 s', rule: 'session.challenge', reason: 'older than its lifetime',
    refused: NO_CHALLENGE,
    change: async (lab) => {
      const change = await challengeIn(lab);
      await lab.server.control.advance(121);
      return change;
    },
  }],
  replay: [{
    says: 'a challenge answered before', rule: 'session.challenge', reason: 'used before',
    refused: NO_CHALLENGE,
    change: async (lab) => {
      const change = await challengeIn(lab);
      sessionOf(await signIn(change.members, lab.live, change.address));
      return change;
    },
  }],
  'redirect address': 'a sign-in leads nowhere: it has no redirect address',
  PKCE: 'no code comes of it that could be stolen',
  dialect: [{
    says: 'an app of the other dialect as a key', rule: 'api_key.known', refused: NO_APP,
    change: () => ({ members: { cid: APPS.A2.id, sec: APPS.A2.secret } }),
  }],
  'user authentication': [{
    says: 'a wrong password', rule: 'session.password',
    reason: 'wrong password',
    refused: T('Incorrect username or password. Please try again.'),
    change: () => ({ members: { password: 'wrong' } }),
  }, {
    says: 'an unknown name', rule: 'session.password',
    reason: 'unknown name',
    refused: T('Incorrect username or password. Please try again.'),
    change: () => ({ members: { name: 'nobody' } }),
  }],
  'form of the request': 'name or password missing counts as wrong (user authentication)',
};
