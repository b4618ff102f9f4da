/** Every kind with its table. A new kind does not compile until it says how it is kept. */
import type { Kind } from '../../core/kinds/kinds.ts';
import { CODE_ROWS } from './code-rows.ts';
import { documentRows } from './document-rows.ts';
import { GRANT_ROWS } from './grant-rows.ts';
import type { RowForm } from './rows.ts';

export const ROW_FORMS: { readonly [K in Kind]: RowForm<K> } = {
  'account': documentRows('account'),
  'api-key': documentRows('api-key'),
  'app': documentRows('app'),
  'challenge': documentRows('challenge'),
  'code': CODE_ROWS,
  'customer': documentRows('customer'),
  'customer-number': documentRows('customer-number'),
  'grant': GRANT_ROWS,
  'key': documentRows('key'),
  'link': documentRows('link'),
  'login': documentRows('login'),
  'login-name': documentRows('login-name'),
  'request': documentRows('request'),
  'roster': documentRows('roster'),
  'ticket': documentRows('ticket'),
  'window-key': documentRows('window-key'),
  'world': documentRows('world'),
};

/** The form of a kind that is known only at run time. */
export function rowFormOf(kind: Kind): RowForm {
  return ROW_FORMS[kind] as unknown as RowForm;
}
