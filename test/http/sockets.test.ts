/** Streams once they are open: frames, bounds, time, faults and the end. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { CROWD_LIMITS } from '../../src/http/sockets/crowd.ts';
import { type Peer, connectSocket, refusedSocket } from '../outside/socket.ts';
import { FRAME_BYTES_MAX, type SocketStub, startSocketStub, until } from './socket-stub.ts';

describe('frames', () => {
  let stub: SocketStub;
  let peer: Peer;
  before(async () => {
    stub = await startSocketStub();
  });
  after(() => stub.server.close(0));

  const fresh = async (): Promise<Peer> => {
    peer = await stub.connect();
    return peer;
  };

  test('text passes whole, in both directions, of any characters', async () => {
    await fresh();
    const texts = ['', 'a\nb\n\nc', 'ü€\u{1f600}', 'x'.repeat(FRAME_BYTES_MAX)];
    for (const text of texts) peer.send(text);
    await peer.frame((text) => text === `echo ${texts.at(-1)}`);
    assert.deepEqual(peer.frames, texts.map((text) => `echo ${text}`));
    peer.close();
  });

  test('what was sent behind the handshake at once is received', async () => {
    const eager = await stub.connect('/Stream', { first: ['one', 'two'] });
    await eager.frame((text) => text === 'echo two');
    eager.close();
  });

  test('a frame over the limit ends the connection with 1009, and is not heard', async () => {
    await fresh();
    const told = stub.told.length;
    peer.send('x'.repeat(FRAME_BYTES_MAX + 1));
    assert.equal((await peer.ended).code, 1009);
    await until(() => stub.told.at(-1) === 'closed');
    assert.deepEqual(stub.told.slice(told), ['closed']);
  });

  test('fragments are counted together', async () => {
    await fresh();
    for (let n = 0; n < 3; n += 1) peer.ws.send('x'.repeat(400), { fin: false });
    assert.equal((await peer.ended).code, 1009);
  });

  test('a binary frame ends it with 1003, bytes that are no text with 1007', async () => {
    await fresh();
    peer.ws.send(Buffer.from('bytes'));
    assert.equal((await peer.ended).code, 1003);
    await fresh();
    peer.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal((await peer.ended).code, 1007);
  });

  test('a goodbye of the conversation reaches the peer with its code and reason', async () => {
    await fresh();
    peer.send('close');
    assert.deepEqual(await peer.ended, { code: 1008, reason: 'as you wish' });
  });

  test('frames behind a goodbye of ours are not heard', async () => {
    await fresh();
    const told = stub.told.length;
    peer.ws.pause();
    peer.send('close');
    peer.send('afterwards');
    await until(() => stub.told.slice(told).includes('receive close'));
    peer.ws.resume();
    await peer.ended;
    await until(() => stub.told.at(-1) === 'closed');
    assert.deepEqual(stub.told.slice(told), ['receive close', 'closed']);
  });

  test('a conversation that throws ends with 1011 and an incident, alone', async () => {
    const other = await stub.connect();
    await fresh();
    peer.send('throw');
    assert.equal((await peer.ended).code, 1011);
    const fault = stub.lines.find(({ message }) => message === 'fault');
    assert.equal(fault?.['reason'], 'a fault in a conversation');
    assert.equal(fault['incident'], stub.opened.at(-1)?.id);
    other.send('alive');
    await other.frame((text) => text === 'echo alive');
    other.close();
  });

  test('a fault behind a command is logged and reaches the conversation', async () => {
    await fresh();
    peer.send('ask');
    await peer.frame((text) => text === 'the store is broken');
    const fault = stub.lines.findLast(({ message }) => message === 'fault');
    assert.deepEqual([fault?.['incident'], fault?.['reason']], ['r-1', 'the store is broken']);
    peer.close();
  });

  test('one line when it opens, one when it closes, no word of what was said', async () => {
    await fresh();
    const { id } = stub.opened.at(-1) ?? {};
    const said = () => stub.lines.filter(({ request_id }) => request_id === id);
    peer.send('demo-secret');
    await peer.frame((text) => text === 'echo demo-secret');
    peer.close();
    await until(() => said().length > 1);
    const [opened = assert.fail(), closed = assert.fail(), ...more] = said();
    assert.deepEqual(more, []);
    assert.doesNotMatch(JSON.stringify(stub.lines), /demo-secret/);
    const where = {
      level: 'info', request_id: id, world: 'live', dialect: 'stub', route: 'stub.Stream',
      method: 'GET', address: '127.0.0.1',
    };
    const { ms: opened_ms, ...welcome } = opened;
    assert.deepEqual(Object.fromEntries(
      Object.entries(welcome).filter(([, value]) => value !== undefined),
    ), { ...where, message: 'request', status: 101, outcome: 'opened' });
    const { ms, ...ended } = closed;
    assert.deepEqual(ended, { ...where, message: 'stream', outcome: 'closed', code: 1005 });
    assert.ok(Number(ms) >= Number(opened_ms) - 1);
  });

  test('time passes several times a second, and only forwards', async () => {
    await fresh();
    stub.ticks.length = 0;
    const began = performance.now();
    await until(() => stub.ticks.length >= 5);
    assert.ok(performance.now() - began < 2_500);
    assert.deepEqual(stub.ticks, stub.ticks.toSorted((a, b) => a - b));
    peer.close();
  });
});

describe('peers that do not play along', () => {
  test('one that does not read is cut', async () => {
    const stub = await startSocketStub();
    const peer = await stub.connect();
    peer.ws.pause();
    const late = performance.now() + 10_000;
    while (!stub.told.includes('closed')) {
      assert.ok(performance.now() < late, 'it was never cut');
      if (peer.ws.readyState === peer.ws.OPEN) peer.send('big');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    peer.ws.terminate();
    await stub.server.close(0);
  });

  test('one that does not answer a goodbye is cut a second later', async () => {
    const stub = await startSocketStub();
    const peer = await stub.connect();
    peer.ws.pause();
    peer.send('close');
    await until(() => stub.told.includes('receive close'));
    const began = performance.now();
    await until(() => stub.told.includes('closed'));
    const took = performance.now() - began;
    assert.ok(took > 500 && took < 1_500, `${took} ms`);
    peer.ws.terminate();
    await stub.server.close(0);
  });
});

describe('a crowd', () => {
  const limits = { ...CROWD_LIMITS, connections: 6, strangers: 4, strangers_per_address: 3 };
  const via = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
  let stub: SocketStub;
  before(async () => {
    stub = await startSocketStub({ crowd: limits, trusted_proxies: ['127.0.0.1'] });
  });
  after(() => stub.server.close(0));

  const refused = (address: string) => refusedSocket(`ws://${stub.live}/Stream`, via(address));

  test('is bounded, and strangers give way to newer ones', async () => {
    const first = await stub.connect('/Stream', via('203.0.113.1'));
    await stub.connect('/Stream', via('203.0.113.1'));
    const known = await stub.connect('/Stream', via('203.0.113.1'));
    const full = await refused('203.0.113.1');
    assert.deepEqual([full.status, full.body], [503, 'stub 503']);
    assert.ok(Number(full.headers['retry-after']) > 0);

    known.send('known');
    known.send('heard');
    await known.frame((text) => text === 'echo heard');
    await stub.connect('/Stream', via('203.0.113.1'));
    assert.equal((await refused('203.0.113.1')).status, 503, 'three strangers of one address');

    await stub.connect('/Stream', via('203.0.113.2'));
    await stub.connect('/Stream', via('203.0.113.3'));
    assert.equal((await first.ended).code, 1006, 'the stranger who waited longest was cut');
    known.send('hello');
    await known.frame((text) => text === 'echo hello');

    await until(() => stub.told.filter((one) => one === 'closed').length === 1);
    await stub.connect('/Stream', via('203.0.113.4'));
    await until(() => stub.told.filter((one) => one === 'closed').length === 2);
    for (const address of ['203.0.113.5', '203.0.113.6']) {
      const peer = await stub.connect('/Stream', via(address));
      peer.send('known');
      peer.send('heard');
      await peer.frame((text) => text === 'echo heard');
    }
    assert.equal((await refused('203.0.113.7')).status, 503, 'the process is full');
    known.close();
    await known.ended;
    await until(() => stub.told.filter((one) => one === 'closed').length === 4);
    const again = await stub.connect('/Stream', via('203.0.113.7'));
    again.close();
  });

  test('has its usual bounds', () => {
    assert.deepEqual(CROWD_LIMITS,
      { connections: 10_000, strangers: 2_000, strangers_per_address: 100 });
  });
});

describe('the end of the server', () => {
  test('is told to everybody, and awaits nobody for long', async () => {
    const stub = await startSocketStub();
    const peers = [await stub.connect(), await stub.connect()];
    const silent = await stub.connect();
    silent.ws.pause();
    const began = performance.now();
    await stub.server.close();
    assert.ok(performance.now() - began < 1_800);
    for (const peer of peers) {
      assert.deepEqual([(await peer.ended).code, peer.frames.at(-1)], [1001, 'stopping']);
    }
    assert.equal(stub.told.filter((one) => one === 'closed').length, 3);
    silent.ws.terminate();
    await assert.rejects(stub.connect(), { code: 'ECONNREFUSED' });
  });

  test('cuts at the time it is given', async () => {
    const stub = await startSocketStub();
    const peer = await stub.connect();
    peer.ws.pause();
    const began = performance.now();
    await stub.server.close(50);
    assert.ok(performance.now() - began < 600);
    peer.ws.terminate();
  });
});

describe('a server behind a conversation', () => {
  test('is connected to with the token, and frames pass both ways as they are', async () => {
    const upstream = new WebSocketServer({ port: 0 });
    const { port } = upstream.address() as AddressInfo;
    const asked: string[] = [];
    upstream.on('connection', (ws, { headers, url }) => {
      asked.push(`${url} ${headers.authorization}`);
      ws.on('message', (data: Buffer) => ws.send(`heard ${data.toString()}`));
    });
    const stub = await startSocketStub();
    const peer = await stub.connect();
    const heard: string[] = [];
    const opened = stub.opened[0] ?? assert.fail();
    const connection = opened.connect(
      { url: `ws://127.0.0.1:${port}/v1/websocket`, bearer: 'demo-token' },
      {
        opened: () => connection.send('a\n1\n\n{}'),
        receive: (text) => void heard.push(text),
        closed: () => void heard.push('closed'),
      },
    );
    await until(() => heard.length > 0);
    assert.deepEqual(asked, ['/v1/websocket Bearer demo-token']);
    connection.close();
    await until(() => heard.length > 1);
    assert.deepEqual(heard, ['heard a\n1\n\n{}', 'closed']);
    upstream.close();
    peer.close();
    await stub.server.close(0);
  });

  test('that cannot be reached has closed', async () => {
    const stub = await startSocketStub();
    const peer = await connectSocket(`ws://${stub.live}/Stream`);
    const opened = stub.opened[0] ?? assert.fail();
    for (const url of ['ws://127.0.0.1:9/', 'no address', 'https://x.invalid:1/']) {
      let closed = 0;
      const connection = opened.connect({ url, bearer: 't' }, {
        opened: () => assert.fail('it opened'),
        receive: () => assert.fail('it spoke'),
        closed: () => void (closed += 1),
      });
      await until(() => closed === 1);
      connection.send('into the void');
      connection.close();
    }
    peer.close();
    await stub.server.close(0);
  });
});
