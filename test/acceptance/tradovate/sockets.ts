/** A client's socket as the rows see it: what was said, in which order, and how it ended. */
import assert from 'node:assert/strict';
import type { WorldSite } from '../../outside/fixtures.ts';
import { type Connecting, type Peer, connectSocket } from '../../outside/socket.ts';

/** Connects to the socket of a world; `path` and headers may vary. */
export function openSocket(
  { origin }: WorldSite,
  { path = '/v1/websocket', ...options }: Connecting & { readonly path?: string } = {},
): Promise<Peer> {
  return connectSocket(`${origin.replace('http', 'ws')}${path}`, options);
}

/** A socket that has authorized, with nothing else said on it. */
export async function authorized(
  world: WorldSite,
  token: string,
  options: Connecting = {},
): Promise<Peer> {
  const peer = await openSocket(world, { ...options, first: [`authorize\n1\n\n${token}`] });
  assert.equal(await peer.frame(isAnswer), 'a[{"s":200,"i":1}]');
  return peer;
}

export function isAnswer(text: string): boolean {
  return text.startsWith('a');
}

/** Sends an operation and gives the one answer to it, parsed. */
export async function ask(peer: Peer, operation: string): Promise<SocketAnswer> {
  const id = Number(operation.split('\n')[1]);
  const from = peer.frames.length;
  peer.send(operation);
  const text = await peer.frame((frame) => isAnswer(frame) && frame.includes(`"i":${id}`), from);
  const answers = JSON.parse(text.slice(1)) as SocketAnswer[];
  assert.equal(answers.length, 1, 'one element a frame');
  return answers[0] ?? assert.fail();
}

export type SocketAnswer = { readonly s: number; readonly i: number; readonly d?: unknown };

/** Everything said but heartbeats. */
export function wordsOf({ frames }: Peer): readonly string[] {
  return frames.filter((text) => text !== 'h');
}

const SHUTDOWN_MS = 5_000;

/** The reason code of a shutdown, which ends the socket in good order within 5 s of `since`. */
export async function shutdownOf(peer: Peer, since: number): Promise<string> {
  const { code } = await peer.ended;
  const took = performance.now() - since;
  assert.ok(took < SHUTDOWN_MS, `closed after ${took} ms`);
  assert.notEqual(code, 1006, 'it ended in good order');
  const [shutdown = '', goodbye] = wordsOf(peer).slice(-2);
  assert.equal(goodbye, 'c');
  const [event, ...more] = JSON.parse(shutdown.slice(1)) as Shutdown[];
  assert.deepEqual(more, []);
  assert.equal(event?.e, 'shutdown');
  assert.deepEqual(Object.keys(event.d), ['reasonCode', 'reason']);
  assert.notEqual(event.d.reason, '');
  return event.d.reasonCode;
}

type Shutdown = {
  readonly e: string;
  readonly d: { readonly reasonCode: string; readonly reason: string };
};

/** Fails unless the socket is open and still answers. */
export async function assertOpen(peer: Peer): Promise<void> {
  assert.equal(peer.ws.readyState, peer.ws.OPEN, `it ended: ${JSON.stringify(peer.frames)}`);
  const { s } = await ask(peer, 'auth/me\n77\n\n');
  assert.equal(s, 200);
}
