/** Bytes over a socket: requests that no HTTP client would send. */
import { connect } from 'node:net';

export type RawAnswer = {
  /** Everything the server sent until it closed, or until the time was up. */
  readonly text: string;
  readonly closed: boolean;
  readonly ms: number;
};

/** Writes `text` (Latin-1) and reads until the server closes, at most `wait_ms`. */
export function sendRaw(origin: string, text: string, wait_ms = 3000): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const parts: Buffer[] = [];
    const finish = (closed: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      const ms = performance.now() - began;
      resolve({ text: Buffer.concat(parts).toString('latin1'), closed, ms });
    };
    const late = setTimeout(() => finish(false), wait_ms);
    socket.on('data', (part) => parts.push(part));
    socket.on('close', () => finish(true));
    socket.on('error', () => finish(true));
    socket.write(Buffer.from(text, 'latin1'));
  });
}

/** Status of each answer in what a socket sent. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}
