/** An operator ends what a customer allowed, or one sign-in. */
import type { Change, Decision } from '../../decision.ts';
import type { Grant } from '../../kinds/grant.ts';
import { linkId } from '../../kinds/kinds.ts';
import type { Link } from '../../kinds/link.ts';
import type { Login } from '../../kinds/login.ts';
import { accepted } from '../../rules/refusals.ts';
import { type LinkRecords, endGrant, endLink } from '../session/end-grants.ts';
import { endLogin } from '../sign-in/sign-in.ts';
import { actRefusal, refuse } from './outcome.ts';

/** How many things an act ended; ending what has ended is no error. */
export type EndedCount = { readonly ended: number };

export const NO_GRANT = actRefusal('object_unknown', 'no grant of this id', 'grant');

export function endOneGrant(
  id: string,
  records: { readonly grant: Grant | undefined; readonly link: Link | undefined },
  at: number,
): Decision<EndedCount> {
  const { grant, link } = records;
  if (grant === undefined) return refuse(NO_GRANT);
  const { changes, events } = endGrant(id, grant, { by: 'operator', at });
  if (link?.grants.includes(id) === true && changes.length > 0) {
    const value: Link = { ...link, grants: link.grants.filter((other) => other !== id) };
    changes.push({ kind: 'link', id: linkId(link.customer, link.app), value });
  }
  return { result: accepted({ ended: events.length }), changes, events };
}

/** Every grant of a customer and app, with the codes that would have begun new ones. */
export function endWholeLink(records: LinkRecords, at: number): Decision<EndedCount> {
  const { changes, events } = endLink(records, { by: 'operator', at });
  return { result: accepted({ ended: events.length }), changes, events };
}

export function endOneLogin(
  id: string,
  login: Login | undefined,
  now: number,
): Decision<EndedCount> {
  if (login === undefined) {
    return refuse(actRefusal('object_unknown', 'no sign-in of this id', 'login'));
  }
  const changes: Change[] = endLogin({ id, login }, now);
  if (changes.length === 0) return { result: accepted({ ended: 0 }), changes, events: [] };
  const { customer } = login;
  return {
    result: accepted({ ended: 1 }),
    changes,
    events: [{ action: 'login.ended', outcome: 'ok', customer, detail: 'operator' }],
  };
}
