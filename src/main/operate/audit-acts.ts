/** The acts that read the trail: they know the store's packed rows, which flows do not. */
import { type AuditListArgs, ACTS } from '../../core/decide/manage/acts/acts.ts';
import { checkArgs } from '../../core/decide/manage/acts/act-form.ts';
import type { AuditEvent } from '../../core/events.ts';
import type { Store } from '../../ports/store.ts';
import { type JsonAnswer, problem } from './json-answer.ts';
import { readTrailPage, verifyTrail } from './trail.ts';

const PAGE_EVENTS = 1000;

/** Answers `audit.list` and `audit.verify`; null for any other act. */
export async function answerAuditAct(
  store: Store,
  name: string,
  args: { readonly [name: string]: unknown },
): Promise<JsonAnswer | null> {
  const act = name.startsWith('audit.') ? ACTS[name] : undefined;
  if (act === undefined) return null;
  const checked = checkArgs(act, args);
  if (!checked.ok) return problem(400, checked.refusal.reason);
  if (name === 'audit.verify') {
    const verdict = await verifyTrail(store);
    return { status: verdict.ok ? 200 : 409, body: verdict };
  }
  return { status: 200, body: await listEvents(store, checked.value as AuditListArgs) };
}

async function listEvents(store: Store, args: AuditListArgs) {
  const { after = 0, limit = PAGE_EVENTS } = args;
  const wanted = (event: AuditEvent) =>
    (args.action === undefined || event.action === args.action) &&
    (args.customer === undefined || event.customer === args.customer) &&
    (args.app === undefined || event.app === args.app);
  return await readTrailPage(store, { after, limit, wanted });
}
