import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StoreFault } from '../../src/ports/store.ts';
import { bindPort } from '../../src/http/bound-port.ts';
import { type Stub, sendRaw, startStub } from './stub-server.ts';

const ask = (path: string, host: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

describe('a request finds its world and route', () => {
  let stub: Stub;
  before(async () => {
    stub = await startStub();
  });
  after(() => stub.server.close(0));

  const get = (path: string, host: string, more = ''): ReturnType<typeof sendRaw> =>
    sendRaw(stub.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`);

  test('the authority decides the world and the roles', async () => {
    assert.equal((await get('/api/get', stub.live)).status, 200);
    assert.equal(stub.seen.at(-1)?.world, 'live');
    assert.equal(stub.seen.at(-1)?.authority, stub.live);
    assert.equal((await get('/api/get?a=1&b', stub.paper.toUpperCase())).status, 200);
    assert.equal(stub.seen.at(-1)?.world, 'paper');
    assert.equal(stub.seen.at(-1)?.query, 'a=1&b');
    assert.equal((await get('/page', stub.paper)).status, 200);
    assert.equal((await get('/page', stub.live)).body, 'pages 404');
  });

  test('an unlisted authority is 421 in the words of the owner, and is not repeated', async () => {
    for (const host of ['evil.test', '127.0.0.1', `127.0.0.1:${stub.port + 1}`, `x@${stub.live}`]) {
      const answer = await get('/api/get', host, `X-Forwarded-Host: ${stub.live}\r\n`);
      assert.equal(answer.status, 421, host);
      assert.equal(answer.body, 'stub 421');
      assert.ok(!answer.text.includes('evil'));
    }
    assert.equal((await get('/else', 'evil.test')).body, 'pages 421');
  });

  test('an absolute target must name the same authority as Host', async () => {
    assert.equal((await get(`http://${stub.live}/api/get?q`, stub.live)).status, 200);
    assert.equal(stub.seen.at(-1)?.path, '/api/get');
    assert.equal((await get(`http://${stub.live}/api/get`, 'evil.test')).status, 421);
    assert.equal((await get('http://evil.test/api/get', stub.live)).status, 421);
  });

  test('paths are matched byte for byte', async () => {
    const paths = ['/api/get/', '//api/get', '/api//get', '/api/./get', '/api/%67et', '/API/get',
      '/api/get;x', '/api%2fget', '/api/get%00', '/api/get.', '/x/../api/get'];
    const reached = stub.seen.length;
    for (const path of paths) assert.equal((await get(path, stub.live)).status, 404, path);
    assert.equal(stub.seen.length, reached);
    assert.equal((await get('/API/Folded', stub.live)).status, 200);
    assert.equal(stub.seen.at(-1)?.path, '/API/Folded');
  });

  test('another method is 405 with Allow from the owner; overrides are not heard', async () => {
    for (const method of ['PUT', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE', 'PATCH', 'GET']) {
      const head = `${method} /api/post HTTP/1.1\r\nHost: ${stub.live}\r\n`;
      const answer = await sendRaw(stub.port,
        `${head}X-HTTP-Method-Override: POST\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.status, 405, method);
      assert.equal(answer.headers.get('allow'), 'POST');
      assert.equal(answer.body, method === 'HEAD' ? '' : 'stub 405');
    }
  });

  test('/healthz answers for any host and writes no line', async () => {
    const lines = stub.lines.length;
    const answer = await get('/healthz', 'balancer.internal');
    assert.equal(answer.status, 200);
    assert.equal(answer.body, '{"status":"ok"}');
    assert.equal(stub.lines.length, lines);
    const post = await sendRaw(stub.port,
      'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    assert.equal(post.status, 405);
  });

  test('every answer is safe to receive', async () => {
    for (const path of ['/api/get', '/nowhere', '/healthz']) {
      const { headers } = await get(path, stub.live);
      assert.equal(headers.get('cache-control'), 'no-store', path);
      assert.equal(headers.get('pragma'), 'no-cache');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.ok(headers.get('content-security-policy')?.includes("frame-ancestors 'none'"));
      assert.equal(headers.get('strict-transport-security'), undefined);
      assert.equal(headers.get('access-control-allow-origin'), undefined);
    }
  });

  test('one line a request, without query, body or cookie', async () => {
    await sendRaw(stub.port, `POST /api/post?secret=canary-1 HTTP/1.1\r\nHost: ${stub.live}\r\n` +
      'Cookie: a=canary-2\r\nAuthorization: Basic canary-3\r\nContent-Length: 8\r\n' +
      'Connection: close\r\n\r\ncanary-4');
    const line = stub.lines.at(-1);
    assert.equal(line?.message, 'request');
    assert.equal(line['route'], 'stub.api.post');
    assert.equal(line['dialect'], 'stub');
    assert.equal(line['world'], 'live');
    assert.equal(line['status'], 200);
    assert.equal(line['outcome'], 'ok');
    assert.equal(line['address'], '127.0.0.1');
    assert.equal(typeof line['ms'], 'number');
    assert.ok(!JSON.stringify(stub.lines).includes('canary'));
    const ids = stub.lines.map((one) => one['request_id']);
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe('faults', () => {
  const faults: { readonly [name: string]: () => Promise<never> } = {
    store: () => Promise.reject(new StoreFault('disk full at /var/lib/x', false)),
    thrown: () => {
      throw new Error('SELECT * FROM secrets');
    },
    rejected: () => Promise.reject(new TypeError('at line 7')),
    text: () => Promise.reject('only a text' as unknown as Error),
  };
  for (const [name, fail] of Object.entries(faults)) {
    test(`${name}: a 5xx with Retry-After, an incident in the log, nothing told`, async () => {
      const stub = await startStub({ answer: fail });
      const answer = await sendRaw(stub.port, ask('/api/get', stub.live));
      const status = name === 'store' ? 503 : 500;
      assert.equal(answer.status, status);
      assert.equal(answer.body, `stub ${status}`);
      const wait_s = Number(answer.headers.get('retry-after'));
      assert.ok(wait_s >= 1 && wait_s <= 5);
      const [fault, access] = stub.lines;
      assert.equal(fault?.message, 'fault');
      assert.equal(fault['incident'], access?.['request_id']);
      assert.equal(access?.['outcome'], 'fault');
      const again = await sendRaw(stub.port, ask('/page', stub.live));
      assert.equal(again.status, 404, 'the server is still there');
      await stub.server.close(0);
    });
  }

  test('a header that cannot be sent is a fault, not a split answer', async () => {
    const stub = await startStub({
      answer: () => Promise.resolve({
        status: 200, headers: [['Location', 'x\r\nSet-Cookie: a=b']], body: '',
      }),
    });
    const answer = await sendRaw(stub.port, ask('/api/get', stub.live));
    assert.equal(answer.status, 500);
    assert.ok(!answer.text.includes('Set-Cookie'));
    await stub.server.close(0);
  });
});

describe('start and end', () => {
  test('before it serves, a bound port says that it starts', async () => {
    const bound = await bindPort('127.0.0.1', 0);
    const answer = await sendRaw(bound.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    bound.server.close();
  });

  test('a port in use is the system error, not a hang', async () => {
    const bound = await bindPort('127.0.0.1', 0);
    await assert.rejects(bindPort('127.0.0.1', bound.port), { code: 'EADDRINUSE' });
    bound.server.close();
  });

  test('close lets a request finish, tells the client, and closes idle connections', async () => {
    let release = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (release = resolve));
    const stub = await startStub({
      answer: async () => {
        await waiting;
        return { status: 200, headers: [], body: 'finished' };
      },
    });
    const idle = sendRaw(stub.port, `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`, 3000);
    const slow = sendRaw(stub.port, `GET /api/get HTTP/1.1\r\nHost: ${stub.live}\r\n\r\n`, 3000);
    while (stub.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closed = stub.server.close();
    await assert.rejects(fetch(`http://127.0.0.1:${stub.port}/healthz`), 'accepts no more');
    release();
    const answer = await slow;
    assert.equal(answer.body, 'finished');
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal((await idle).status, 200);
    await closed;
  });

  test('close does not wait for ever', async () => {
    const stub = await startStub({ answer: () => new Promise(() => undefined) });
    const hanging = sendRaw(stub.port, `GET /api/get HTTP/1.1\r\nHost: ${stub.live}\r\n\r\n`, 3000);
    while (stub.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await stub.server.close(50);
    assert.equal((await hanging).status, 0);
  });
});
