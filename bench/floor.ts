/**
 * The floor: a bare `node:http` server that reads the same request (credentials, body) and answers
 * the same bytes as ours, deciding nothing. It is told what to answer over the process channel.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FloorAnswer = {
  /** Raw headers, name after value, as ours sent them (without those of the connection). */
  readonly headers: readonly string[];
  readonly body: string;
  /** ES256 signatures over as many bytes, made for each request. */
  readonly signatures: number;
};

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
/** About as long as the signed part of an access token. */
const SIGNED = Buffer.alloc(420, 'demo');

let answer: FloorAnswer = { headers: [], body: '', signatures: 0 };
/** What the last request carried, so that reading it cannot be optimised away. */
let read = '';

const server = createServer((request, response) => {
  const credentials = request.headers.authorization ?? '';
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    read = `${credentials}${Buffer.concat(parts).toString('latin1')}`;
    for (let made = 0; made < answer.signatures; made += 1) {
      sign('sha256', SIGNED, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    }
    response.writeHead(200, [...answer.headers]);
    response.end(answer.body);
  });
});

process.on('message', (next: FloorAnswer) => {
  answer = next;
  process.send?.({ ok: true, read: read.length });
});
process.on('disconnect', () => process.exit(0));

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port });
});
