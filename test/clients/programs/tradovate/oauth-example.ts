/**
 * An Express 4 program that signs people in as the vendor's public OAuth example describes: a link
 * without state, a form exchange, `error` looked for in good answers only, `expires_in` as the
 * life of the stored token, and a page of what `/auth/me` says. Environment: CLIENT_ID and
 * CLIENT_SECRET (also from a .env file), EXCHANGE_URL, AUTH_URL, ME_URL, PORT.
 */
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { driven } from './driven.ts';

type Request = {
  readonly sessionID: string;
  readonly query: { readonly [name: string]: string | undefined };
};
type Response = {
  readonly redirect: (url: string) => void;
  readonly send: (html: string) => void;
};
type TokenAnswer = {
  readonly error?: string;
  readonly error_description?: string;
  readonly access_token: string;
  readonly expires_in: number;
};

driven(['Date'], {
  // The app is registered once its callback is known.
  callback: () => callback(),
});

const load = createRequire(import.meta.url);
load('dotenv').config({ quiet: true });
const express = load('express');
const session = load('express-session');
const request = load('request-promise-native');
const NodeCache = load('node-cache');

const {
  CLIENT_ID = '', CLIENT_SECRET = '', EXCHANGE_URL = '', AUTH_URL = '', ME_URL = '', PORT = '3030',
} = process.env;
const CALLBACK_PATH = '/oauth/tradovate/callback';
const ME_FIELDS = ['fullName', 'userId', 'email', 'emailVerified', 'isTrial'];

const tokens = new NodeCache({ deleteOnExpire: true });
const app = express();
app.use(session({ secret: 'demo-session-secret', resave: false, saveUninitialized: true }));

app.get('/', async ({ sessionID }: Request, response: Response) => {
  const token = tokens.get(sessionID) as string | undefined;
  if (token === undefined) response.send('<a id="sign-in" href="/auth">Sign in</a>');
  else response.send(await describeMe(token));
});

app.get('/auth', (_: Request, response: Response) => {
  const id = encodeURIComponent(CLIENT_ID);
  const back = encodeURIComponent(callback());
  response.redirect(`${AUTH_URL}?response_type=code&client_id=${id}&redirect_uri=${back}`);
});

app.get(CALLBACK_PATH, async ({ sessionID, query }: Request, response: Response) => {
  if (query['code'] !== undefined) await exchange(sessionID, query['code']);
  response.redirect('/');
});

app.get('/logout', ({ sessionID }: Request, response: Response) => {
  tokens.del(sessionID);
  response.redirect('/');
});

async function exchange(sessionID: string, code: string): Promise<void> {
  const form = {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uri: callback(),
    code,
  };
  try {
    // A status of 400 and above throws before the body is looked at.
    const body = JSON.parse(await request.post(EXCHANGE_URL, { form })) as TokenAnswer;
    if (body.error) {
      console.error(`Code Exchange Error: [${body.error}] ${body.error_description ?? ''}`);
      return;
    }
    tokens.set(sessionID, body.access_token, body.expires_in);
  } catch {
    console.error('Code Exchange failed.');
  }
}

async function describeMe(token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const me = JSON.parse(await request(ME_URL, { headers }));
  const lines = ME_FIELDS.map((name) => `<li id="${name}">${String(me[name])}</li>`);
  return `<ul>${lines.join('')}</ul><a id="sign-out" href="/logout">Sign out</a>`;
}

const listening = app.listen(Number(PORT), () => console.log(`Starting your app on ${callback()}`));

function callback(): string {
  const { port } = listening.address() as AddressInfo;
  return `http://localhost:${port}${CALLBACK_PATH}`;
}
