/**
 * Uses npm `tradovate` as its readers do: sign in, open both sockets, renew. The package is as it
 * was published; only its table of addresses is filled with one environment (BASE, an origin).
 */
import { createRequire } from 'node:module';
import { driven } from './driven.ts';

type Answer = { readonly [name: string]: unknown };
type Socket = {
  readonly connect: () => Promise<void>;
  readonly request: (params: object) => Promise<Answer>;
  readonly isConnected: () => boolean;
};

// Heartbeats stay in real time; the wait for a penalty and the time of day are the test's.
driven(['Date', 'setTimeout'], {
  connect: ({ credentials, live }: { readonly credentials: object; readonly live: boolean }) =>
    service.connect(credentials, live),
  renew: ({ live }: { readonly live: boolean }) => service.renewAccessToken(live),
  get: ({ endpoint, live }: { readonly endpoint: string; readonly live: boolean }) =>
    service.get(endpoint, undefined, live),
  stored: () => ({
    ...storage.getAccessToken(),
    ...storage.getMdAccessToken(),
    accounts: storage.getAvailableAccounts(),
    user: storage.getUserData(),
  }),
  sockets: async ({ live }: { readonly live: boolean }) => {
    sockets = { user: new TradovateSocket(live), market: new MarketDataSocket() };
    await Promise.all([sockets.user.connect(), sockets.market.connect()]);
    return [sockets.user.isConnected(), sockets.market.isConnected()];
  },
  request: ({ which, ...params }: { readonly which: 'market' | 'user' }) => {
    const socket = sockets?.[which];
    // The market socket keeps to subscriptions; the socket below it takes any request.
    return which === 'market' ? socket?.socket.request(params) : socket?.request(params);
  },
});

type SocketOfClient = Socket & { readonly socket: Socket };

let sockets: { readonly user: SocketOfClient; readonly market: SocketOfClient } | undefined;

const load = createRequire(import.meta.url);
const base = process.env['BASE'] ?? '';
const web_socket = `${base.replace(/^http/, 'ws')}/v1/websocket`;
const { URLs } = load('tradovate/dist/types') as { readonly URLs: object };
// The package reads REST addresses when it is loaded, so this comes before.
Object.assign(URLs, {
  DEMO_URL: `${base}/v1`,
  LIVE_URL: `${base}/v1`,
  MD_URL: web_socket,
  WS_DEMO_URL: web_socket,
  WS_LIVE_URL: web_socket,
  REPLAY_URL: web_socket,
});

const { TradovateService, TradovateSocket, MarketDataSocket, Storage } = load('tradovate') as {
  readonly TradovateService: new () => {
    readonly connect: (credentials: object, live: boolean) => Promise<Answer>;
    readonly renewAccessToken: (live: boolean) => Promise<Answer>;
    readonly get: (endpoint: string, query: undefined, live: boolean) => Promise<unknown>;
  };
  readonly TradovateSocket: new (live: boolean) => SocketOfClient;
  readonly MarketDataSocket: new () => SocketOfClient;
  readonly Storage: {
    readonly getInstance: () => {
      readonly getAccessToken: () => object;
      readonly getMdAccessToken: () => object;
      readonly getAvailableAccounts: () => readonly object[];
      readonly getUserData: () => object;
    };
  };
};
const service = new TradovateService();
const storage = Storage.getInstance();
