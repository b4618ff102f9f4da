/** What every client test needs: its own app, a browser through the pages, and the callback. */
import { createBrowser } from '../outside/browser.ts';
import { demoApp } from '../outside/fixtures.ts';
import type { App } from '../outside/fixtures.ts';
import { seedRecords } from '../outside/seed.ts';
import type { Server } from '../world.ts';

/** Registers an app with this callback in the running server. */
export async function addApp(
  server: Server,
  key: string,
  redirect_uri: string,
  response_iss = false,
): Promise<App> {
  const app = demoApp(key, { redirect_uris: [redirect_uri], refresh_approved: true, response_iss });
  const { status, body } = await server.control.seed(seedRecords([app], []));
  if (status >= 300) throw new Error(`seed: ${status} ${JSON.stringify(body)}`);
  return app;
}

/** The customer u1 opens what the client sent her to, signs in and decides; the callback URL. */
export async function decide(
  server: Server,
  authorization_url: string,
  decision: 'allow' | 'deny',
): Promise<string> {
  const browser = createBrowser(server.live);
  await browser.open(authorization_url);
  await browser.signIn('u1');
  return (await browser.consent(decision)).url;
}
