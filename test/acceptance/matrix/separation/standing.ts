/** A second customer in each world: her cookies and forms stand around the values of others. */
import { createBrowser } from '../../../outside/browser.ts';
import { APPS } from '../../../outside/fixtures.ts';
import type { WorldSite } from '../../../outside/fixtures.ts';
import type { PageForm } from '../../../outside/forms.ts';
import { login } from '../../../outside/tradovate.ts';
import { API_KEYS } from '../../../outside/tradovate-fixtures.ts';
import { customerIn } from '../../tradier/customer.ts';
import { cookieHeader } from './objects.ts';
import { bob } from '../site.ts';

export type Standing = {
  readonly cookies: string;
  /** Fields of her form that is sent to this path, or none. */
  readonly fieldsAt: (path: string) => { readonly [name: string]: string };
  /** The browser that stands before the sign-in form. */
  readonly stranger_cookies: string;
};

/** She has an app, a session and a request under way, so that every form is on her pages. */
export async function standingIn(world: WorldSite): Promise<Standing> {
  const customer = customerIn(world, 'bob');
  await customer.link(APPS.A);
  await login(world, API_KEYS.K1, bob);
  await customer.ask(APPS.A2);
  const forms: PageForm[] = [...customer.browser.forms()];
  await customer.connections();
  forms.push(...customer.browser.forms());
  const stranger = createBrowser(world);
  await stranger.open('/login');
  forms.push(...stranger.forms());
  return {
    cookies: cookieHeader(customer.browser.cookies),
    stranger_cookies: cookieHeader(stranger.cookies),
    fieldsAt: (path) => fieldsOf(forms.find(({ action }) => action === path)),
  };
}

const CHOICES: { readonly [form: string]: { readonly [name: string]: string } } = {
  consent: { decision: 'allow' },
  'personal-token': { change: 'replace' },
};

function fieldsOf(form: PageForm | undefined): { readonly [name: string]: string } {
  return { ...Object.fromEntries(form?.fields ?? []), ...CHOICES[form?.id ?? ''] };
}
