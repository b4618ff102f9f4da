/**
 * A port that is bound before the server behind it is composed: with port 0 the origins, and so
 * the issuers, are known only then. Until `serve` a request is told to come back in a second.
 */
import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type UpgradeListener, asksForStream } from './sockets/handshake.ts';

export type BoundPort = {
  readonly host: string;
  /** The real port, also when 0 was asked for. */
  readonly port: number;
  readonly server: Server;
};

/** DS-01, DS-02: a head is at most 32 kB and comes within 10 s, a request within 30 s. */
const LIMITS = {
  maxHeaderSize: 32_768,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // Ours answers a missing Host in a dialect's form.
  requireHostHeader: false,
  insecureHTTPParser: false,
  // An upgrade nobody here speaks is ignored (RFC 9110 §7.8): some clients offer h2c every time.
  shouldUpgradeCallback: asksForStream,
} as const;

/** Rejects with the system's error when the address cannot be bound. */
export function bindPort(host: string, port: number): Promise<BoundPort> {
  const server = createServer(LIMITS, answerStarting);
  server.on('upgrade', upgradeStarting);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve({ host, port: (server.address() as AddressInfo).port, server });
    });
  });
}

/** Puts the real listeners in the place of those that say "starting". */
export function replaceListeners(
  { server }: BoundPort,
  { listener, upgrade }: { readonly listener: RequestListener; readonly upgrade: UpgradeListener },
): void {
  server.removeAllListeners('request');
  server.on('request', listener);
  // An expectation nobody knows is ignored (RFC 9110 §10.1.1), not answered in Node's own form.
  server.on('checkExpectation', listener);
  server.removeAllListeners('upgrade');
  server.on('upgrade', upgrade);
}

const answerStarting: RequestListener = (_message, reply) => {
  reply.writeHead(503, ['Retry-After', '1', 'Connection', 'close', 'Content-Length', '0']);
  reply.end();
};

const upgradeStarting: UpgradeListener = (_message, socket) => {
  socket.on('error', () => undefined);
  socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n' +
    'Content-Length: 0\r\n\r\n', () => socket.destroy());
};
