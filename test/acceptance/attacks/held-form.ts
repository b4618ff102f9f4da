/** A form that a browser (or a thief) keeps and sends later, wherever the page has gone since. */
import type { Browser } from '../../outside/browser.ts';
import { call, post } from '../../outside/call.ts';
import type { Answer } from '../../outside/call.ts';

export type HeldForm = {
  readonly fields: ReadonlyMap<string, string>;
  /** Sends it with the cookies that its browser has now, or with another browser's. */
  readonly send: (
    fields: { readonly [name: string]: string },
    from?: Browser,
  ) => Promise<Answer>;
};

/** Copies the form with this id from the page where the browser stands. */
export function holdForm(browser: Browser, id: string): HeldForm {
  const { action, fields } = browser.form(id);
  const held = new Map(fields);
  return {
    fields: held,
    send: (changed, from = browser) => {
      const sent = new Map([...held, ...Object.entries(changed)]);
      return post(browser.world.origin, action, [...sent], [
        ['Accept', 'text/html'], ['Sec-Fetch-Site', 'same-origin'], ...cookiesOf(from),
      ]);
    },
  };
}

/** One GET with a browser's cookies, or with none; redirects are not followed. */
export function visit(origin: string, url: string, browser?: Browser): Promise<Answer> {
  const { pathname, search } = new URL(url, origin);
  const headers = [['Accept', 'text/html'], ...(browser === undefined ? [] : cookiesOf(browser))];
  return call(origin, {
    path: `${pathname}${search}`,
    headers: headers as (readonly [string, string])[],
  });
}

function cookiesOf({ cookies }: Browser): (readonly [string, string])[] {
  if (cookies.size === 0) return [];
  return [['Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')]];
}
