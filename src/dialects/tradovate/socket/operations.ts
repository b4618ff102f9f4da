/** What an authorized socket may ask, and what it is answered (contract §11). */
import type {
  CommandContext, Dispatch, ProfileAnswer, TokenCheck,
} from '../../../core/commands.ts';
import type { Refusal, Result } from '../../../core/rules/refusals.ts';
import { decodeForm } from '../../form.ts';
import { memberOf, readJsonObject } from '../../json.ts';
import { permissionFor } from '../permissions.ts';
import type { SocketAnswers, SocketOptions } from './answers.ts';
import type { Operation, Reply } from './frames.ts';

export type Scene = {
  readonly options: SocketOptions;
  readonly socket: string;
  readonly dispatch: Dispatch;
  /** A fresh context for one command. */
  readonly context: () => CommandContext;
};

/** What becomes of an operation. */
export type Handled =
  | { readonly is: 'answered'; readonly reply: Reply }
  /** Allowed, and for the server behind us to answer. */
  | { readonly is: 'passed_on'; readonly url: string }
  /** The session is closed: nothing is answered, the socket is shut down. */
  | { readonly is: 'evicted' };

const NOT_FOUND: Reply = { s: 404, d: 'Not found' };

/** Said before anybody has authorized, and where a permission is missing. */
export const ACCESS_DENIED: Reply = { s: 401, d: 'Access is denied' };

/** Our own fault; nothing is told of it. */
export const UNAVAILABLE: Reply = { s: 503, d: 'Service is unavailable. Please try again.' };

/** Rejects for faults only. */
export async function handleOperation(scene: Scene, operation: Operation): Promise<Handled> {
  const { name } = operation;
  if (name === 'auth/me') return askForIdentity(scene, operation);
  if (name === 'auth/renewaccesstoken') return renew(scene, operation);
  // Nothing else of `auth` is found among the entities: logging in is for REST.
  return handleResource(scene, operation);
}

async function askForIdentity(scene: Scene, operation: Operation): Promise<Handled> {
  const ticket = readTicket(operation);
  if (!ticket.ok) return answered(ticket.reply);
  const command = { ...check(scene), penalized: true, ticket: ticket.value };
  const result = await scene.dispatch('read_identity', command, scene.context());
  return answerBy(scene, result, (identity, answers) => answers.identity(identity));
}

async function renew(scene: Scene, operation: Operation): Promise<Handled> {
  const ticket = readTicket(operation);
  if (!ticket.ok) return answered(ticket.reply);
  const command = { ...check(scene), penalized: true, ticket: ticket.value };
  const result = await scene.dispatch('renew_token', command, scene.context());
  return answerBy(scene, result, (answer, answers) => answers.session(answer));
}

async function handleResource(scene: Scene, { name }: Operation): Promise<Handled> {
  const permission = permissionFor(name);
  if (permission === null) return answered(NOT_FOUND);
  const command = { ...check(scene), scopes: [permission] };
  const example = scene.options.example(name);
  if (example !== null) {
    const result = await scene.dispatch('read_profile', command, scene.context());
    return answerBy<ProfileAnswer>(scene, result, example);
  }
  const result = await scene.dispatch('check_token', command, scene.context());
  if (!result.ok) return refusedAs(scene, result.refusal);
  const url = scene.options.upstream();
  return url === null ? answered(NOT_FOUND) : { is: 'passed_on', url };
}

function check({ options, socket }: Scene): TokenCheck {
  return {
    profile: options.profile(),
    bearer: null,
    socket,
    scopes: [],
    bucket: 'standard',
    account: null,
  };
}

function answerBy<T>(
  scene: Scene,
  result: Result<T>,
  encode: (value: T, answers: SocketAnswers) => unknown,
): Handled {
  if (!result.ok) return refusedAs(scene, result.refusal);
  return answered({ s: 200, d: encode(result.value, scene.options.answers) });
}

function answered(reply: Reply): Handled {
  return { is: 'answered', reply };
}

function refusedAs({ options }: Scene, refusal: Refusal): Handled {
  if (refusal.code === 'session_evicted') return { is: 'evicted' };
  return answered(replyTo(refusal, options.answers));
}

/** The status and text of a refusal (contract §14); what is not named there is a plain no. */
function replyTo(refusal: Refusal, answers: SocketAnswers): Reply {
  if (refusal.code === 'quota_exceeded') return { s: 429 };
  if (refusal.code === 'overloaded') return UNAVAILABLE;
  const object = answers.refusal(refusal);
  return object === null ? ACCESS_DENIED : { s: 200, d: object };
}

type Ticket =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly reply: Reply };

/** `p-ticket` in the query or in the body: neither of these operations reads anything else. */
function readTicket({ query, body }: Operation): Ticket {
  const form = decodeForm(bytesOf(query ?? ''), [TICKET]);
  if (form.malformed.length > 0) return malformed('query');
  const asked = textOrNull(form.get(TICKET));
  if (body === null) return { ok: true, value: asked };
  const reading = readJsonObject(bytesOf(body), [TICKET]);
  if (reading.is === 'malformed') return malformed(reading.member ?? 'body');
  const sent = memberOf(reading.object, TICKET) ?? null;
  if (sent !== null && typeof sent !== 'string') return malformed(TICKET);
  return { ok: true, value: textOrNull(sent) ?? asked };
}

const TICKET = 'p-ticket';

function malformed(which: string): Ticket {
  return { ok: false, reply: { s: 400, d: `${which} is malformed` } };
}

function textOrNull(text: string | null): string | null {
  return text === '' ? null : text;
}

/** One character a byte, as bodies of requests come. */
function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
