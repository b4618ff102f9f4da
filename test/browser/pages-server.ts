/**
 * Serves the pages dialect alone over plain http, with views a test chooses, so that looks that
 * are hard to reach through a flow can be judged too.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CommandName, Dispatch, Outcomes } from '../../src/core/commands.ts';
import { accepted } from '../../src/core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../src/core/wire.ts';
import type { WorldName } from '../../src/core/world.ts';
import { pagesDialect } from '../../src/dialects/pages/dialect.ts';
import { pageRenderer } from '../../src/dialects/pages/renderer.ts';
import type { PageRenderer } from '../../src/core/views.ts';
import { wireRequest } from '../dialects/page-requests.ts';

export type ServedPages = {
  readonly origin: string;
  readonly close: () => Promise<void>;
};

export type Script = {
  readonly world: WorldName;
  /** Pages by path, drawn anew for each request. */
  readonly pages: { readonly [path: string]: (renderer: PageRenderer) => WireResponse };
  /** What each command comes to. */
  readonly outcomes: { readonly [N in CommandName]?: Outcomes[N] };
  /** Last change to an answer, to show what a test would see if it were wrong. */
  readonly spoil?: (response: WireResponse) => WireResponse;
};

export async function servePages(script: Script): Promise<ServedPages> {
  const server = createServer((incoming, outgoing) => {
    void readBody(incoming)
      .then((body) => answer(script, toWire(script.world, incoming, body)))
      .then((response) => {
        const { status, headers, body } = script.spoil?.(response) ?? response;
        outgoing.writeHead(status, headers.flat()).end(body);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function answer(script: Script, request: WireRequest): Promise<WireResponse> {
  const options = {
    secure_cookies: false,
    development: true,
    worlds: { [script.world]: { pages_origin: 'https://auth.broker.example' } },
  };
  const page = script.pages[request.path];
  if (page !== undefined && request.method === 'GET') return page(pageRenderer(options));
  const dialect = pagesDialect(options);
  const route = dialect.routes.find(({ path, methods }) =>
    path === request.path && methods.includes(request.method));
  if (route === undefined) return dialect.problem({ status: 404 }, request);
  const dispatch = ((name: CommandName) =>
    Promise.resolve(accepted(script.outcomes[name]))) as Dispatch;
  return route.answer(request, dispatch);
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

function toWire(world: WorldName, incoming: IncomingMessage, body: string): WireRequest {
  const [path = '/', query = ''] = (incoming.url ?? '/').split('?', 2);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  return wireRequest({ world, method: incoming.method ?? 'GET', path, query, headers, body });
}
