/** Reads our own forms: who sent them (cookies, CSRF token, Fetch Metadata) and what they say. */
import { accepted, refused } from '../../core/rules/refusals.ts';
import type { Result } from '../../core/rules/refusals.ts';
import type { BrowserCookies, BrowserForm } from '../../core/commands.ts';
import type { WireRequest } from '../../core/wire.ts';
import { decodeForm } from '../form.ts';
import type { Form } from '../form.ts';
import { readCookies } from './cookies.ts';

export type PageForm = {
  /** The part of every form command that says which browser sent it. */
  readonly browser: BrowserCookies & BrowserForm;
  readonly fields: Form;
};

const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The parameter a refusal names when the body is not a form at all; it is answered 415. */
export const NOT_A_FORM = 'Content-Type';

/** Reads a form with its `csrf` and the listed fields, or refuses what cannot be read. */
export function readPageForm(
  request: WireRequest,
  listed: readonly string[],
  secure: boolean,
): Result<PageForm> {
  if (!isForm(request.header('content-type'))) return malformed(NOT_A_FORM);
  const fields = decodeForm(request.body, ['csrf', ...listed]);
  const [broken] = fields.malformed;
  if (broken !== undefined) return malformed(broken);
  return accepted({
    browser: {
      ...readCookies(request.header('cookie'), request.world, secure),
      csrf: fields.get('csrf'),
      fetch_site: request.header('sec-fetch-site') ?? null,
    },
    fields,
  });
}

function isForm(content_type: string | undefined): boolean {
  return content_type?.split(';', 1)[0]?.trim().toLowerCase() === FORM_TYPE;
}

/** A form that cannot be acted on; `parameter` is one of our own names. */
export function malformed(parameter: string): { readonly ok: false } & Result<never> {
  return refused({
    code: 'request_malformed',
    rule: 'pages.form',
    reason: `${parameter} is missing, repeated or not readable`,
    parameter,
  });
}
