/** Calls the running server over the socket in its data directory. */
import { request } from 'node:http';

export type ServerAnswer = {
  readonly status: number;
  readonly body: { readonly [name: string]: unknown };
};

/** Nobody answers on the socket: exit 3. */
export class NotReachable extends Error {
  constructor(socket: string, why: string) {
    super(
      `no server answers on ${socket} (${why}): start it (npm start, countersign serve) or ` +
        'name its data directory with --data',
    );
    this.name = 'NotReachable';
  }
}

/** One act in one world. Rejects with NotReachable. */
export function callServer(
  socket: string,
  call: { readonly world: string; readonly act: string; readonly args: object },
): Promise<ServerAnswer> {
  const text = JSON.stringify(call);
  return new Promise((resolve, reject) => {
    const sent = request({
      socketPath: socket,
      method: 'POST',
      path: '/act',
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ServerAnswer['body'];
        resolve({ status: reply.statusCode ?? 0, body });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      reject(new NotReachable(socket, error.code ?? error.message));
    });
    sent.end(text);
  });
}
