/**
 * TLS in front of a development server, as a deployment has it: a certificate of its own making,
 * and every request passed on with the authority that the server knows.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type TlsFront = {
  readonly origin: string;
  /** The certificate that clients must trust, PEM. */
  readonly certificate: string;
  readonly stop: () => void;
};

/** Starts the front in `directory`, where key and certificate are left. */
export async function startTlsFront(backend: string, directory: string): Promise<TlsFront> {
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout', key, '-out', certificate,
  ], { stdio: 'ignore' });
  const { host, hostname, port } = new URL(backend);
  const options = { key: readFileSync(key), cert: readFileSync(certificate) };
  const server = createServer(options, (incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming;
    const headers = { ...incoming.headers, host };
    const onward = httpRequest({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port: own } = server.address() as AddressInfo;
  return {
    origin: `https://localhost:${own}`,
    certificate,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
