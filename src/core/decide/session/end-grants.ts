/** Ending grants: by the customer, an operator, a replay or a limit. One form for all. */
import type { Change } from '../../decision.ts';
import type { EventDraft } from '../../events.ts';
import type { Code } from '../../kinds/code.ts';
import type { Grant, GrantEnd } from '../../kinds/grant.ts';
import { linkId } from '../../kinds/kinds.ts';
import type { Link } from '../../kinds/link.ts';

export type Ending = { readonly by: GrantEnd; readonly at: number };

export type Ended = { readonly changes: Change[]; readonly events: EventDraft[] };

/** Ends one grant; a grant that is gone or has ended stays as it is. */
export function endGrant(id: string, grant: Grant | undefined, ending: Ending): Ended {
  if (grant === undefined || grant.state.is === 'ended') return { changes: [], events: [] };
  const value: Grant = { ...grant, state: { is: 'ended', ...ending } };
  return {
    changes: [{ kind: 'grant', id, value }],
    events: [
      {
        action: 'grant.ended',
        outcome: 'ok',
        customer: grant.customer,
        app: grant.app,
        object: id.slice(grant.customer.length),
        detail: ending.by,
      },
    ],
  };
}

/** Ends a code that was not used; another one stays as it is. */
export function endCode(id: string, code: Code | undefined, at: number): Change[] {
  if (code?.state.is !== 'unspent') return [];
  return [{ kind: 'code', id, value: { ...code, state: { is: 'ended', at } } }];
}

export type LinkRecords = {
  readonly link: Link | undefined;
  readonly grant: (id: string) => Grant | undefined;
  readonly code: (id: string) => Code | undefined;
};

/** Ends a whole link: its live grants, and the codes that would have begun new ones. */
export function endLink({ link, grant, code }: LinkRecords, ending: Ending): Ended {
  if (link === undefined) return { changes: [], events: [] };
  const ended = link.grants.map((id) => endGrant(id, grant(id), ending));
  const changes = ended.flatMap((end) => end.changes);
  const events = ended.flatMap((end) => end.events);
  for (const { code: id } of link.pending) {
    changes.push(...endCode(id, code(id), ending.at));
  }
  if (link.grants.length > 0 || link.pending.length > 0) {
    const value: Link = { ...link, grants: [], pending: [] };
    changes.push({ kind: 'link', id: linkId(link.customer, link.app), value });
  }
  return { changes, events };
}
