/** A stub server whose dialect also speaks on streams: it echoes, and does what frames tell it. */
import type { Dispatch } from '../../src/core/commands.ts';
import type { Conversation, SocketRoute, WireSocket } from '../../src/core/sockets.ts';
import type { HttpOptions } from '../../src/http/server.ts';
import { type Connecting, type Peer, connectSocket } from '../outside/socket.ts';
import { type Stub, startStub, stubDialect, stubRoute } from './stub-server.ts';

export type SocketStub = Stub & {
  /** What happened in conversations, in order: `open`, `receive …`, `stop`, `closed`. */
  readonly told: string[];
  /** Sockets in the order they were opened. */
  readonly opened: WireSocket[];
  /** Monotonic times that any conversation was given. */
  readonly ticks: number[];
  connect(path?: string, options?: Connecting): Promise<Peer>;
};

export const FRAME_BYTES_MAX = 1_000;

export async function startSocketStub(
  http: Partial<HttpOptions> = {},
  dispatch: Dispatch = () => Promise.reject(new Error('the store is broken')),
): Promise<SocketStub> {
  const told: string[] = [];
  const opened: WireSocket[] = [];
  const ticks: number[] = [];

  function open(socket: WireSocket, given: Dispatch, now_ms: number): Conversation {
    opened.push(socket);
    told.push('open');
    ticks.push(now_ms);
    return {
      receive(text) {
        told.push(`receive ${text}`);
        if (text === 'throw') throw new Error('a fault in a conversation');
        if (text === 'close') return socket.close(1008, 'as you wish');
        if (text === 'known') return socket.authorized();
        if (text === 'big') for (let n = 0; n < 60; n += 1) socket.send('x'.repeat(65_536));
        if (text === 'ask') {
          given('close_socket', { socket: socket.id }, { address: '', request_id: 'r-1' })
            .catch((error: Error) => socket.send(error.message));
        }
        socket.send(`echo ${text}`);
      },
      tick: (now) => void ticks.push(now),
      stop() {
        told.push('stop');
        socket.send('stopping');
      },
      closed: () => void told.push('closed'),
    };
  }

  const route = (path: string, more: Partial<SocketRoute> = {}): SocketRoute => ({
    id: `stub${path.replaceAll('/', '.')}`,
    dialect: 'stub',
    roles: ['api'],
    path,
    fold_case: false,
    says: '',
    frame_bytes_max: FRAME_BYTES_MAX,
    open,
    ...more,
  });
  const socket_routes = [
    route('/Stream'),
    route('/v1/folded', { fold_case: true }),
    route('/prices', { roles: ['market_data', 'replay'] }),
  ];
  const api = stubDialect('stub', [stubRoute('/api/get', { methods: ['GET'] })], ['/api/']);
  const pages = stubDialect('pages', [stubRoute('/page', { role: 'pages' })], ['']);
  const stub = await startStub({
    http: {
      dialects: [{ ...api, socket_routes }, pages],
      dispatch: { live: dispatch, paper: dispatch },
      ...http,
    },
  });
  return {
    ...stub,
    told,
    opened,
    ticks,
    connect: (path = '/Stream', options = {}) =>
      connectSocket(`ws://${stub.live}${path}`, options),
  };
}

/** Waits until something is so; fails after five seconds. */
export async function until(so: () => boolean): Promise<void> {
  const late = performance.now() + 5_000;
  while (!so()) {
    if (performance.now() > late) throw new Error('it did not become so within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
