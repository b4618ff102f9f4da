/** Requests to the pages dialect without a server, answered by a dispatch that the test scripts. */
import type { CommandName, Commands, Dispatch, Outcomes } from '../../src/core/commands.ts';
import type { Dialect } from '../../src/core/routes.ts';
import type { Result } from '../../src/core/rules/refusals.ts';
import type { WireRequest, WireResponse } from '../../src/core/wire.ts';
import type { WorldName } from '../../src/core/world.ts';

export type Sent = {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly world?: WorldName;
};

export function wireRequest(sent: Sent): WireRequest {
  const headers = sent.headers ?? {};
  return {
    method: sent.method ?? 'GET',
    path: sent.path,
    query: sent.query ?? '',
    header: (name) => headers[name],
    headerCount: (name) => (headers[name] === undefined ? 0 : 1),
    body: sent.body ?? '',
    world: sent.world ?? 'live',
    authority: 'auth.broker.example',
    address: '203.0.113.7',
    request_id: 'r-42',
  };
}

export type Dispatched = { readonly name: CommandName; readonly command: Commands[CommandName] };

export type Browser = {
  readonly send: (sent: Sent) => Promise<WireResponse>;
  /** Sends a form of ours as a browser would. */
  readonly post: (path: string, fields: { [name: string]: string }, sent?: Partial<Sent>) =>
    Promise<WireResponse>;
  readonly dispatched: Dispatched[];
};

/** @param answer what the next command comes to */
export function browserOf(
  dialect: Dialect,
  answer: () => Result<Outcomes[CommandName]>,
): Browser {
  const dispatched: Dispatched[] = [];
  const dispatch = ((name: CommandName, command: Commands[CommandName]) => {
    dispatched.push({ name, command });
    return Promise.resolve(answer());
  }) as Dispatch;
  const send = (sent: Sent): Promise<WireResponse> => {
    const request = wireRequest(sent);
    const route = dialect.routes.find(({ path, methods }) =>
      path === request.path && methods.includes(request.method));
    if (route === undefined) throw new Error(`no route for ${request.method} ${request.path}`);
    return route.answer(request, dispatch);
  };
  return {
    send,
    dispatched,
    post: (path, fields, sent = {}) => send({
      ...sent,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...sent.headers },
      body: sent.body ?? new URLSearchParams(fields).toString(),
    }),
  };
}

/** All values of a header, in order. */
export function headerValues(response: WireResponse, name: string): string[] {
  return response.headers
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
}
