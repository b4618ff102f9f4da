/**
 * The floor: a bare `node:http` server that reads the same request (credentials, body) and answers
 * the same bytes as ours, deciding nothing. It is told what to answer over the process channel.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FloorAnswer = {
  /** Raw headers, name after value, as ours sent them (without those of the connection). */
  readonly headers: readonly string[];
  readonly body: string;
};

let answer: FloorAnswer = { headers: [], body: '' };
/** What the last request carried, so that reading it cannot be optimised away. */
let read = '';

const server = createServer((request, response) => {
  const credentials = request.headers.authorization ?? '';
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    read = `${credentials}${Buffer.concat(parts).toString('latin1')}`;
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
