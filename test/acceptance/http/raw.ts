/** Bytes over a socket: requests that no HTTP client would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

export type RawAnswer = {
  /** Everything the server sent until it closed, or until the time was up. */
  readonly text: string;
  readonly closed: boolean;
  readonly ms: number;
};

/** Writes `text` (Latin-1) and reads until the server closes, at most `wait_ms`. */
export async function sendRaw(
  origin: string,
  text: string,
  wait_ms = 3000,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const began = performance.now();
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  let closed = true;
  const late = setTimeout(() => {
    closed = false;
    socket.destroy();
  }, wait_ms);
  socket.on('data', (part) => parts.push(part));
  socket.write(Buffer.from(text, 'latin1'));
  // A reset is a close, too.
  await once(socket, 'close').catch(() => undefined);
  clearTimeout(late);
  const ms = performance.now() - began;
  return { text: Buffer.concat(parts).toString('latin1'), closed, ms };
}

/** Status of each answer in what a socket sent. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}
