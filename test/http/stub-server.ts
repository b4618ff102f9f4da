/** A server with two small dialects, for tests of the HTTP adapter alone. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Dispatch } from '../../src/core/commands.ts';
import type { Dialect, Route } from '../../src/core/routes.ts';
import type { WireRequest, WireResponse } from '../../src/core/wire.ts';
import type { WorldName } from '../../src/core/world.ts';
import { type BoundPort, bindPort } from '../../src/http/bound-port.ts';
import { type HttpOptions, type HttpServer, createHttpServer } from '../../src/http/server.ts';
import type { LogFields } from '../../src/ports/log.ts';

export type Line = LogFields & { readonly level: string; readonly message: string };

export type Stub = {
  readonly port: number;
  /** `127.0.0.1:port`: the live authority. */
  readonly live: string;
  /** `localhost:port`: the paper authority. */
  readonly paper: string;
  readonly lines: Line[];
  /** Requests that reached a route. */
  readonly seen: WireRequest[];
  readonly server: HttpServer;
  readonly bound: BoundPort;
};

type Answer = (request: WireRequest) => Promise<WireResponse>;

export type StubOptions = {
  readonly answer?: Answer;
  readonly http?: Partial<HttpOptions>;
};

const OK: WireResponse = {
  status: 200, headers: [['Content-Type', 'text/plain']], body: 'ok', log: { outcome: 'ok' },
};

export function stubRoute(path: string, more: Partial<Route> = {}): Route {
  return {
    id: `stub${path.replaceAll('/', '.')}`,
    dialect: 'stub',
    role: 'api',
    methods: ['POST'],
    path,
    fold_case: false,
    says: '',
    body_bytes_max: 1024,
    answer: () => Promise.resolve(OK),
    ...more,
  };
}

/** Words its problems with its name, so that a test sees who answered. */
export function stubDialect(
  name: string,
  routes: readonly Route[],
  owned_prefixes: readonly string[],
): Dialect {
  return {
    name,
    routes,
    owned_prefixes,
    problem: ({ status, allow, retry_after_s }) => ({
      status,
      headers: [
        ['Content-Type', 'text/plain'],
        ...(allow === undefined ? [] : [['Allow', allow.join(', ')] as const]),
        ...(retry_after_s === undefined ? [] : [['Retry-After', String(retry_after_s)] as const]),
      ],
      body: `${name} ${status}`,
    }),
  };
}

export async function startStub({ answer, http }: StubOptions = {}): Promise<Stub> {
  const bound = await bindPort('127.0.0.1', 0);
  const live = `127.0.0.1:${bound.port}`;
  const paper = `localhost:${bound.port}`;
  const lines: Line[] = [];
  const seen: WireRequest[] = [];
  const answered: Answer = (request) => {
    seen.push(request);
    return answer === undefined ? Promise.resolve(OK) : answer(request);
  };
  const api = stubDialect('stub', [
    stubRoute('/api/post', { answer: answered }),
    stubRoute('/api/get', { methods: ['GET'], body_bytes_max: 0, answer: answered }),
    stubRoute('/api/folded', { methods: ['GET'], fold_case: true, answer: answered }),
  ], ['/api/']);
  const pages = stubDialect('pages', [
    stubRoute('/page', { role: 'pages', methods: ['GET'], answer: answered }),
  ], ['']);
  const dispatch: Dispatch = () => Promise.reject(new Error('not used'));
  let drawn = 0;
  const options: HttpOptions = {
    dialects: [api, pages],
    authorities: [
      { authority: live, world: 'live', roles: ['api'] },
      { authority: paper, world: 'paper', roles: ['api', 'pages'] },
    ],
    dispatch: { live: dispatch, paper: dispatch } satisfies Record<WorldName, Dispatch>,
    log: { write: (level, message, fields) => void lines.push({ level, message, ...fields }) },
    entropy: {
      base62: (length) => String((drawn += 1)).padStart(length, '0'),
      digits: (length) => String((drawn += 1)).padStart(length, '1'),
    },
    trusted_proxies: [],
    secure: false,
    ...http,
  };
  try {
    const server = createHttpServer(options);
    server.serve(bound);
    return { port: bound.port, live, paper, lines, seen, server, bound };
  } catch (error) {
    bound.server.close();
    throw error;
  }
}

export type RawAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly text: string;
};

/** Sends bytes as they are and reads until the server closes, or for `wait_ms`. */
export async function sendRaw(
  port: number,
  bytes: string | Buffer,
  wait_ms = 400,
): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  let text = '';
  socket.on('data', (part) => (text += part.toString('latin1')));
  // A reset is an end like another; what was read until then is judged.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const late = setTimeout(() => socket.destroy(), wait_ms);
  await closed;
  clearTimeout(late);
  return readAnswer(text);
}

function readAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...fields] = head.split('\r\n');
  const headers = new Map(fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  const status = Number(first.split(' ')[1] ?? 0);
  return { status, headers, body: rest.join('\r\n\r\n'), text };
}
