/** Acts on apps: prepare the secret, decide, show it once. */
import type { FlowActArgs } from '../../core/decide/manage/acts/acts.ts';
import { type Registration, refuseSecret } from '../../core/decide/manage/app-rules.ts';
import {
  NO_APP, approveApp, changeApp, createApp, disableApp, grantRefresh, rotateSecret,
  withdrawRefresh,
} from '../../core/decide/manage/manage-app.ts';
import type { Changed } from '../../core/decide/manage/outcome.ts';
import type { Decision } from '../../core/decision.ts';
import type { App } from '../../core/kinds/app.ts';
import { LIMITS } from '../../core/rules/profile.ts';
import { type Result, accepted, refused } from '../../core/rules/refusals.ts';
import type { Deps } from '../deps.ts';
import { type ActScene, runActWork } from './act-work.ts';
import { type View, appView } from './act-views.ts';
import { listAll } from './find.ts';

const CLIENT_ID_CHARS = 32;
/** Random and so not consecutive: an id tells no counts (EN-05). */
const CLIENT_ID_DIGITS = 9;
const SECRET_CHARS = 43;

export async function createAppAct(
  scene: ActScene,
  args: FlowActArgs<'app.create'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const { dialect = '', authentication = 'client_secret' } = args;
  const registration = registrationOf(deps, dialect);
  const secret = chooseAppSecret(scene, authentication, args.secret);
  if (!secret.ok) return secret;
  const client_id = args.client_id ?? drawClientId(deps, registration);
  const result = await runActWork<Changed<App>>(scene, {
    keys: [{ kind: 'app', id: client_id }, { kind: 'api-key', id: client_id }],
    decide: (facts) => createApp({
      draft: {
        client_id,
        dialect,
        name: args.name,
        home_page: args.home_page ?? null,
        logo: args.logo ?? null,
        redirect_uris: args.redirect_uris,
        scopes: args.scopes ?? registration.default_scopes ?? [],
        authentication,
        resources: args.resources ?? [],
      },
      registration,
      options: {
        publisher_verified: args.publisher_verified ?? false,
        redirect_uri_mode: args.redirect_uri_mode ?? 'strict',
        type: args.type ?? 'standard',
        response_iss: args.response_iss ?? true,
      },
      secret_digest: secret.value.digest,
      existing: facts.app(client_id) ?? facts.apiKey(client_id),
      now: facts.now,
    }),
  });
  if (!result.ok) return result;
  return accepted({ ...appView(result.value.record), ...secret.value.shown });
}

/** A dialect that nobody registers for has been refused before any act runs. */
function registrationOf({ settings }: Deps, dialect: string): Registration {
  const registration = settings.registrations.of[dialect];
  if (registration === undefined) throw new Error(`no registrations of ${dialect}`);
  return registration;
}

function drawClientId({ entropy }: Deps, { client_id }: Registration): string {
  return client_id === 'number'
    ? entropy.digits(CLIENT_ID_DIGITS)
    : entropy.base62(CLIENT_ID_CHARS);
}

function chooseAppSecret(
  scene: ActScene,
  authentication: App['authentication'],
  given: string | undefined,
): Result<{ readonly digest: string | null; readonly shown: { readonly secret?: string } }> {
  if (authentication === 'client_secret') return chooseSecret(scene, given);
  if (given === undefined) return accepted({ digest: null, shown: {} });
  const reason = 'an app whose authentication is none has no secret';
  return refused({ code: 'act_malformed', rule: 'secret.none', parameter: 'secret', reason });
}

export async function rotateSecretAct(
  scene: ActScene,
  args: FlowActArgs<'app.rotate-secret'>,
): Promise<Result<View>> {
  const secret = chooseSecret(scene, args.secret);
  if (!secret.ok) return secret;
  const overlap_s = args.overlap_s ?? LIMITS.secret_overlap_s;
  const result = await appWork(scene, args.app, (app, now) =>
    rotateSecret({ app, digest: secret.value.digest, overlap_s, now }));
  if (!result.ok) return result;
  const { id, secrets } = result.value.record;
  const old_secret_until = secrets.find(({ until }) => until !== null)?.until ?? null;
  return accepted({ client_id: id, old_secret_until, ...secret.value.shown });
}

/** A drawn secret is shown in the answer; an imported one is known already. */
function chooseSecret(
  { deps }: ActScene,
  given: string | undefined,
): Result<{ readonly digest: string; readonly shown: { readonly secret?: string } }> {
  if (given === undefined) {
    // Of a shape that secret scanners and our own log know (EI-07).
    const secret = `cs_${deps.world.name}_secret_${deps.entropy.base62(SECRET_CHARS)}`;
    return accepted({ digest: deps.digests.sha256(secret), shown: { secret } });
  }
  const refusal = refuseSecret(given);
  if (refusal !== null) return refused(refusal);
  return accepted({ digest: deps.digests.sha256(given), shown: {} });
}

export async function listAppsAct(
  { deps }: ActScene,
  args: FlowActArgs<'app.list'>,
): Promise<Result<View>> {
  const apps = (await listAll(deps, 'app', '')).map(({ value }) => value)
    .filter((app) => args.status === undefined || app.status === args.status);
  return accepted({ apps: apps.map(appView) });
}

export async function listApprovalsAct({ deps }: ActScene): Promise<Result<View>> {
  const apps = (await listAll(deps, 'app', '')).map(({ value }) => value)
    .filter((app) => app.refresh.approved);
  return accepted({ apps: apps.map(appView) });
}

export async function showAppAct(
  { deps }: ActScene,
  args: FlowActArgs<'app.show'>,
): Promise<Result<View>> {
  const app = deps.work.resident.app(args.app);
  return app === undefined ? refused(NO_APP) : accepted(appView(app));
}

export async function changeAppAct(
  scene: ActScene,
  { app: id, ...change }: FlowActArgs<'app.change'>,
): Promise<Result<View>> {
  const { deps } = scene;
  const { first } = deps.settings.registrations;
  return viewOf(await appWork(scene, id, (app) =>
    changeApp(app, change, registrationOf(deps, app?.dialect ?? first))));
}

type OnApp = (scene: ActScene, args: { readonly app: string }) => Promise<Result<View>>;

/** An act that takes nothing but the app. */
function onApp(decide: (app: App | undefined) => Decision<Changed<App>>): OnApp {
  return async (scene, args) => viewOf(await appWork(scene, args.app, decide));
}

export const approveAppAct = onApp(approveApp);
export const disableAppAct = onApp(disableApp);
export const grantApprovalAct = onApp(grantRefresh);
export const withdrawApprovalAct = onApp(withdrawRefresh);

function appWork(
  scene: ActScene,
  id: string,
  decide: (app: App | undefined, now: number) => Decision<Changed<App>>,
): Promise<Result<Changed<App>>> {
  return runActWork<Changed<App>>(scene, {
    keys: [{ kind: 'app', id }],
    decide: (facts) => decide(facts.app(id), facts.now),
  });
}

function viewOf(result: Result<Changed<App>>): Result<View> {
  if (!result.ok) return result;
  const { record, changed } = result.value;
  return accepted({ ...appView(record), changed });
}
