/**
 * Sequential models of what the flows keep: codes, grants, links, standing and personal tokens.
 * They are written from the contract, know nothing of stores and batches, and say for each
 * operation what may be answered and what is so afterwards.
 */

export type AppName = 'A' | 'B';

export const LIVE_GRANTS_MAX = 3;
export const LIVE_TOKENS_MAX = 4;
export const CODE_MS = 600_000;
export const TOKEN_MS = 86_400_000;
export const LOGIN_MS = 8 * 3_600_000;

type Born = {
  readonly standing: number;
  readonly credentials: number;
  readonly app: number;
  readonly refresh: number;
};

export type CodeModel = {
  readonly app: AppName;
  readonly born: Born;
  readonly expires_at: number;
  readonly state: 'unspent' | 'spent' | 'replayed' | 'ended' | 'expired';
};

/** A grant bears the name of its code. */
export type GrantModel = {
  readonly app: AppName;
  readonly born: Born;
  readonly ended: boolean;
  readonly last: number;
  /** Has it a refresh token? */
  readonly refreshes: boolean;
};

export type Model = {
  readonly status: 'active' | 'locked';
  readonly standing: number;
  readonly credentials: number;
  /** Epochs that her present sign-in was born under, and its end. */
  readonly login: LoginModel;
  /** The name of her personal token, or null. */
  readonly personal: string | null;
  readonly apps: { readonly [A in AppName]: AppModel };
  readonly codes: { readonly [name: string]: CodeModel };
  readonly grants: { readonly [name: string]: GrantModel };
  /** Live grants of each link, oldest first. */
  readonly links: { readonly [A in AppName]: readonly string[] };
};

type LoginModel = {
  readonly standing: number;
  readonly credentials: number;
  readonly expires_at: number;
};

type AppModel = {
  readonly approved: boolean;
  readonly epoch: number;
  readonly refresh_approved: boolean;
  readonly refresh: number;
};

/** One thing that may happen: an answer, and the model after it. */
export type Step = { readonly answer: string; readonly after: Model };

export function emptyModel(now: number): Model {
  const app: AppModel = { approved: true, epoch: 3, refresh_approved: true, refresh: 5 };
  return {
    status: 'active', standing: 7, credentials: 11,
    login: { standing: 7, credentials: 11, expires_at: now + LOGIN_MS },
    personal: null, apps: { A: app, B: app }, codes: {}, grants: {}, links: { A: [], B: [] },
  };
}

/** The same model a while later: an unused code past its end is expired, however it ended. */
export function later(model: Model, now: number): Model {
  let after = model;
  for (const [name, { state, expires_at }] of Object.entries(model.codes)) {
    const unused = state === 'unspent' || state === 'ended';
    if (unused && now >= expires_at) after = withCode(after, name, 'expired');
  }
  return after;
}

/** What is held by nobody can never be presented: it is forgotten, or has no name any more. */
export function withoutLost(model: Model, held: ReadonlySet<string>): Model {
  const codes = Object.entries(model.codes).filter(([name]) => held.has(name));
  const { personal } = model;
  return {
    ...model,
    codes: Object.fromEntries(codes),
    personal: personal === null || held.has(personal) ? personal : 'lost',
  };
}

export function signedIn({ login, standing, credentials, status }: Model, now: number): boolean {
  const same = login.standing === standing && login.credentials === credentials;
  return status === 'active' && same && now < login.expires_at;
}

export function signIn(model: Model, now: number): Model {
  const { standing, credentials } = model;
  return { ...model, login: { standing, credentials, expires_at: now + LOGIN_MS } };
}

/** She says yes: a code of this name exists. */
export function consent(model: Model, app: AppName, name: string, now: number): Step {
  if (!model.apps[app].approved) return { answer: 'client_unknown', after: model };
  if (!signedIn(model, now)) return { answer: 'sign_in_again', after: model };
  const code: CodeModel = {
    app, born: bornNow(model, app), expires_at: now + CODE_MS, state: 'unspent',
  };
  return { answer: 'answered', after: { ...model, codes: put(model.codes, name, code) } };
}

/** An app exchanges a code; `authenticated` = it proved who it is before it was disabled. */
export function exchange(
  model: Model,
  call: { readonly app: AppName; readonly code: string; readonly verifier: boolean },
  at: { readonly now: number; readonly authenticated: boolean },
): Step {
  const code = model.codes[call.code];
  const { approved, refresh_approved } = model.apps[call.app];
  const no = (answer: string, after = model): Step => ({ answer, after });
  if (!approved && !at.authenticated) return no('client_authentication_failed');
  if (code === undefined) return no('code_unknown');
  if (code.app !== call.app) return no('code_foreign');
  if (code.state === 'expired' || at.now >= code.expires_at) return no('code_expired');
  if (call.verifier) return no('code_pkce_mismatch');
  if (code.state === 'replayed') return no('code_replayed');
  if (code.state === 'spent') {
    const replayed = endGrant(withCode(model, call.code, 'replayed'), call.code);
    return no('code_replayed', replayed);
  }
  if (code.state === 'ended' || !bornAlive(model, code.app, code.born)) return no('code_ended');
  if (code.born.credentials !== model.credentials) return no('code_ended');
  const born = { ...code.born, refresh: model.apps[code.app].refresh };
  const grant: GrantModel = {
    app: code.app, born, ended: false, last: 1, refreshes: refresh_approved,
  };
  let after = withCode(model, call.code, 'spent');
  after = { ...after, grants: put(after.grants, call.code, grant) };
  const link = [...after.links[code.app], call.code];
  after = { ...after, links: { ...after.links, [code.app]: link } };
  for (const name of link.slice(0, Math.max(0, link.length - LIVE_GRANTS_MAX))) {
    after = endGrant(after, name);
  }
  return { answer: 'ok 1', after };
}

/** An app refreshes; the answer carries the number of the new access token. */
export function refresh(
  model: Model,
  call: { readonly app: AppName; readonly grant: string },
  authenticated: boolean,
): Step {
  const grant = model.grants[call.grant];
  const app = model.apps[call.app];
  const no = (answer: string): Step => ({ answer, after: model });
  if (!app.approved && !authenticated) return no('client_authentication_failed');
  if (grant === undefined || !grant.refreshes) return no('refresh_unknown');
  if (grant.app !== call.app) return no('refresh_foreign');
  if (!app.refresh_approved) return no('refresh_not_approved');
  const alive = !grant.ended && bornAlive(model, grant.app, grant.born) &&
    grant.born.refresh === app.refresh;
  if (!alive) return no('refresh_ended');
  const last = grant.last + 1;
  const grants = { ...model.grants, [call.grant]: { ...grant, last } };
  return { answer: `ok ${last}`, after: { ...model, grants } };
}

/** What an access token of this grant and number is good for now. */
export function check(
  model: Model,
  token: { readonly grant: string; readonly number: number; readonly expires_at: number },
  now: number,
): Step {
  const grant = model.grants[token.grant];
  const no = (answer: string): Step => ({ answer, after: model });
  if (grant === undefined) return no('token_unknown');
  if (now >= token.expires_at) return no('token_expired');
  const live = !grant.ended && bornAlive(model, grant.app, grant.born) &&
    grant.last - token.number < LIVE_TOKENS_MAX;
  return no(live ? 'ok' : 'token_ended');
}

/** She removes an app: its grants end, and the codes that would begin new ones. */
export function removeApp(model: Model, app: AppName, now: number): Step {
  if (!signedIn(model, now)) return { answer: 'sign_in_needed', after: model };
  let after = model;
  for (const name of model.links[app]) after = endGrant(after, name);
  for (const [name, code] of Object.entries(model.codes)) {
    if (code.app === app && code.state === 'unspent') after = withCode(after, name, 'ended');
  }
  return { answer: 'ended', after };
}

export function endGrant(model: Model, name: string): Model {
  const grant = model.grants[name];
  if (grant === undefined) return model;
  const links = {
    ...model.links, [grant.app]: model.links[grant.app].filter((other) => other !== name),
  };
  return { ...model, links, grants: { ...model.grants, [name]: { ...grant, ended: true } } };
}

export function setStatus(model: Model, status: Model['status']): Model {
  if (model.status === status) return model;
  if (status === 'active') return { ...model, status };
  return { ...model, status, standing: model.standing + 1, personal: null };
}

export function setApproved(model: Model, app: AppName, approved: boolean): Model {
  const now = model.apps[app];
  if (now.approved === approved) return model;
  const epoch = approved ? now.epoch : now.epoch + 1;
  return { ...model, apps: { ...model.apps, [app]: { ...now, approved, epoch } } };
}

export function setRefreshApproved(model: Model, app: AppName, approved: boolean): Model {
  const now = model.apps[app];
  if (now.refresh_approved === approved) return model;
  const refresh = approved ? now.refresh : now.refresh + 1;
  return {
    ...model, apps: { ...model.apps, [app]: { ...now, refresh_approved: approved, refresh } },
  };
}

export function setPassword(model: Model): Model {
  return { ...model, credentials: model.credentials + 1 };
}

/** She replaces her personal token by one of this name, or deletes it. */
export function setPersonal(model: Model, name: string | null, now: number): Step {
  if (!signedIn(model, now)) return { answer: 'sign_in_needed', after: model };
  return { answer: 'changed', after: { ...model, personal: name } };
}

export function checkPersonal(model: Model, name: string): Step {
  const live = model.status === 'active' && model.personal === name;
  return { answer: live ? 'ok' : 'token_ended', after: model };
}

/** In the order of names, so that two ways to the same state give the same text. */
function put<T>(record: { readonly [name: string]: T }, name: string, value: T) {
  const entries = Object.entries({ ...record, [name]: value });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function bornNow({ standing, credentials, apps }: Model, app: AppName): Born {
  return { standing, credentials, app: apps[app].epoch, refresh: 0 };
}

function bornAlive({ status, standing, apps }: Model, app: AppName, born: Born): boolean {
  const { approved, epoch } = apps[app];
  return status === 'active' && born.standing === standing && approved && born.app === epoch;
}

function withCode(model: Model, name: string, state: CodeModel['state']): Model {
  const code = model.codes[name];
  if (code === undefined) return model;
  return { ...model, codes: { ...model.codes, [name]: { ...code, state } } };
}
