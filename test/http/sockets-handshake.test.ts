/** Who may open a stream, where, and what the others are told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Dialect } from '../../src/core/routes.ts';
import { bindPort } from '../../src/http/bound-port.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { connectSocket, refusedSocket } from '../outside/socket.ts';
import { type SocketStub, startSocketStub, until } from './socket-stub.ts';
import { sendRaw, stubDialect, stubRoute } from './stub-server.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

const HANDSHAKE = [
  'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${KEY}`,
];

describe('a request for a stream', () => {
  let stub: SocketStub;
  before(async () => {
    stub = await startSocketStub();
  });
  after(() => stub.server.close(0));

  const ask = (
    path: string,
    { method = 'GET', host = stub.live, headers = HANDSHAKE, version = '1.1' } = {},
  ): ReturnType<typeof sendRaw> => sendRaw(stub.port,
    `${method} ${path} HTTP/${version}\r\nHost: ${host}\r\n${headers.join('\r\n')}\r\n\r\n`);

  test('is accepted with the authority, world and address it came by', async () => {
    const peer = await stub.connect();
    const { id, authority, world, address } = stub.opened.at(-1) ?? {};
    assert.deepEqual([authority, world, address], [stub.live, 'live', '127.0.0.1']);
    assert.match(id ?? '', /^\d{10}$/);
    const other = await connectSocket(`ws://${stub.paper}/Stream`);
    assert.equal(stub.opened.at(-1)?.world, 'paper');
    assert.notEqual(stub.opened.at(-1)?.id, id);
    peer.close();
    other.close();
  });

  test('RFC 6455 §1.3: the answer to the sample key', async () => {
    const { status, headers } = await ask('/Stream');
    assert.equal(status, 101);
    assert.equal(headers.get('sec-websocket-accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });

  test('compression is not agreed to', async () => {
    const extensions = 'Sec-WebSocket-Extensions: permessage-deflate';
    const { status, headers } = await ask('/Stream', { headers: [...HANDSHAKE, extensions] });
    assert.equal(status, 101);
    assert.equal(headers.has('sec-websocket-extensions'), false);
  });

  test('any Origin may connect', async () => {
    const peer = await stub.connect('/Stream', { origin: 'https://evil.example' });
    peer.close();
  });

  type Row = readonly [status: number, says: string, ...Parameters<typeof ask>];
  const without = (name: string): string[] =>
    HANDSHAKE.filter((header) => !header.startsWith(`${name}:`));
  const rows: { readonly [name: string]: () => Row } = {
    'an unknown path': () => [404, 'pages 404', '/nothing'],
    'a path under another owner': () => [404, 'stub 404', '/api/get'],
    'the exact path in another case': () => [404, 'pages 404', '/stream'],
    'an escaped path': () => [404, 'pages 404', '/v1/%66olded'],
    'a doubled slash': () => [404, 'pages 404', '/v1//folded'],
    'a dot segment': () => [404, 'pages 404', '/v1/./folded'],
    'a trailing slash': () => [404, 'pages 404', '/v1/folded/'],
    'a path of a role that the authority does not play': () => [404, 'pages 404', '/prices'],
    'an authority that is not listed': () => [421, 'pages 421', '/Stream', { host: 'x.example' }],
    'no key': () => [400, 'stub 400', '/Stream', { headers: without('Sec-WebSocket-Key') }],
    'two keys': () =>
      [400, 'stub 400', '/Stream', { headers: [...HANDSHAKE, `Sec-WebSocket-Key: ${KEY}`] }],
    'a short key': () => [400, 'stub 400', '/Stream', {
      headers: [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: abc'],
    }],
    'no version': () => [400, 'stub 400', '/Stream', { headers: without('Sec-WebSocket-Version') }],
    'an old version': () => [400, 'stub 400', '/Stream', {
      headers: [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 8'],
    }],
    'a protocol list that cannot be read': () => [400, 'stub 400', '/Stream', {
      headers: [...HANDSHAKE, 'Sec-WebSocket-Protocol: a,,b'],
    }],
    'a body': () => [400, 'stub 400', '/Stream', { headers: [...HANDSHAKE, 'Content-Length: 3'] }],
    'HTTP/1.0': () => [400, 'stub 400', '/Stream', { version: '1.0' }],
    'two Hosts': () =>
      [400, 'stub 400', '/Stream', { headers: [...HANDSHAKE, 'Host: localhost'] }],
    'a plain GET': () => [400, 'stub 400', '/Stream', { headers: ['Connection: close'] }],
    'an upgrade to something else': () =>
      [400, 'stub 400', '/Stream', { headers: ['Connection: Upgrade', 'Upgrade: h2c'] }],
    'a POST': () => [405, 'stub 405', '/Stream', { method: 'POST' }],
    'a HEAD': () => [405, '', '/Stream', { method: 'HEAD' }],
  };
  for (const [name, row] of Object.entries(rows)) {
    test(`${name} is refused in our form, and nothing is opened`, async () => {
      const opened = stub.opened.length;
      const lines = stub.lines.length;
      const [status, body, path, options] = row();
      const answer = await ask(path, options);
      assert.deepEqual([answer.status, answer.body], [status, body]);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(stub.opened.length, opened);
      const said = stub.lines.slice(lines).filter(({ message }) => message === 'request');
      assert.deepEqual(said.map((line) => line['status']), [status]);
    });
  }

  test('a path of folded case is found in any, also with a lone question mark', async () => {
    for (const path of ['/V1/Folded', '/v1/folded?', '/v1/FOLDED?a=b']) {
      const peer = await stub.connect(path);
      assert.equal(stub.lines.findLast(({ status }) => status === 101)?.['route'],
        'stub.v1.folded');
      peer.close();
    }
  });

  test('an offer of h2c at another path is an ordinary request', async () => {
    const headers = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMA'];
    assert.equal((await ask('/api/get', { headers })).body, 'ok');
    const post = ['Connection: Upgrade, close', 'Upgrade: websocket'];
    assert.equal((await ask('/api/get', { headers: post, method: 'POST' })).status, 405);
  });

  test('what hangs up in the middle of its handshake harms nobody', async () => {
    for (const path of ['/Stream', '/nothing']) {
      const socket = connect(stub.port, '127.0.0.1');
      socket.on('error', () => undefined);
      const head = [`GET ${path} HTTP/1.1`, `Host: ${stub.live}`, ...HANDSHAKE].join('\r\n');
      socket.write(`${head}\r\n\r\n`, () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    const peer = await stub.connect();
    peer.send('still here');
    await peer.frame((text) => text === 'echo still here');
    peer.close();
  });

  test('bytes behind the handshake that are no frames end that connection alone', async () => {
    const head = `GET /Stream HTTP/1.1\r\nHost: ${stub.live}\r\n${HANDSHAKE.join('\r\n')}\r\n\r\n`;
    const answer = await sendRaw(stub.port, `${head}GET / HTTP/1.1\r\n\r\n`);
    assert.equal(answer.status, 101);
    await until(() => stub.told.at(-1) === 'closed');
  });
});

describe('a stream through a proxy', () => {
  test('has the address that a listed proxy vouches for', async () => {
    const stub = await startSocketStub({ trusted_proxies: ['127.0.0.1'] });
    const peer = await stub.connect('/Stream', {
      headers: { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7' },
    });
    assert.equal(stub.opened[0]?.address, '203.0.113.7');
    assert.equal(stub.lines.at(-1)?.['address'], '203.0.113.7');
    peer.close();
    await stub.server.close(0);
  });
});

describe('before and without streams', () => {
  test('a port that only starts says so', async () => {
    const bound = await bindPort('127.0.0.1', 0);
    const answer = await refusedSocket(`ws://127.0.0.1:${bound.port}/Stream`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['retry-after'], '1');
    bound.server.close();
  });

  test('two dialects cannot speak at one path of one authority', () => {
    const route = {
      id: 'a.stream', dialect: 'a', roles: ['api'], path: '/s', fold_case: false, says: '',
      frame_bytes_max: 1, open: () => assert.fail('not opened'),
    } as const;
    const a = { ...stubDialect('a', [stubRoute('/a')], ['']), socket_routes: [route] };
    const b = {
      ...stubDialect('b', [stubRoute('/b')], ['/b']),
      socket_routes: [{ ...route, id: 'b.stream', path: '/S', fold_case: true }],
    };
    const serve = (dialects: readonly Dialect[], roles: readonly ['api' | 'pages']): void => {
      createHttpServer({
        dialects,
        authorities: [{ authority: 'x.example', world: 'live', roles }],
        dispatch: { live: () => assert.fail('not called') },
        log: { write: () => undefined },
        entropy: { base62: () => '', digits: () => '' },
        trusted_proxies: [],
        secure: false,
      });
    };
    assert.throws(() => serve([a, b], ['api']), {
      name: 'BootError', message: /x\.example.*a\.stream and b\.stream/,
    });
    assert.doesNotThrow(() => serve([a, b], ['pages']));
    assert.doesNotThrow(() => serve([a], ['api']));
  });
});
