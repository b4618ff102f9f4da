/** The demo apps' callback: a page that shows the code and what to type next. Development only. */
import { type Server, createServer } from 'node:http';
import { DEMO } from './demo-data.ts';

export type DemoCallback = { close(): Promise<void> };

/** Null when its port is taken: the code can be read in the address bar too. */
export async function openDemoCallback(): Promise<DemoCallback | null> {
  const { hostname, port, pathname } = new URL(DEMO.callback);
  const server = createServer((message, reply) => {
    const url = new URL(message.url ?? '/', DEMO.callback);
    const found = url.pathname === pathname;
    reply.writeHead(found ? 200 : 404, HEADERS);
    reply.end(found ? callbackPage(url.searchParams) : page('Nothing is here', ''));
  });
  if (!await listens(server, hostname, Number(port))) return null;
  return {
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function listens(server: Server, host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
}

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** Whoever makes a link to this page must not choose what is typed into a shell. */
const CODE = /^cs_(?:live|paper)_code_[0-9A-Za-z]+$/;
const ISSUER = /^(http:\/\/127\.0\.0\.1:\d{1,5})\/as$/;

/** What the page says to an authorization answer. Exported for its test. */
export function callbackPage(answer: URLSearchParams): string {
  const code = CODE.exec(answer.get('code') ?? '')?.[0];
  const origin = ISSUER.exec(answer.get('iss') ?? '')?.[1];
  if (code === undefined || origin === undefined) {
    const error = answer.get('error') ?? 'nothing we know';
    return page('No code came back', `<p>The answer says <code>${escape(error)}</code>.</p>`);
  }
  const { id, secret } = DEMO.trader;
  const command = `curl -u ${id}:${secret} \\\n  -d grant_type=authorization_code \\\n` +
    `  -d code=${code} \\\n  ${origin}/v1/oauth/accesstoken`;
  return page(
    'The app has its code',
    '<p>This page stands for the app. It would now exchange the code, once, within ten minutes ' +
      `(Demo Trader’s credentials):</p><pre>${escape(command)}</pre>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { max-width: 44rem; margin: 12vh auto; padding: 0 1.25rem; }
pre { padding: 1rem; border: 1px solid; border-radius: .5rem; white-space: pre-wrap;
  overflow-wrap: anywhere; }
</style><h1>${title}</h1>${body}</html>`;
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
