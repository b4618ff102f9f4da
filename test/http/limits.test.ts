import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Stub, sendRaw, startStub } from './stub-server.ts';

const LIMIT = 1024;

describe('bodies', () => {
  let stub: Stub;
  before(async () => {
    stub = await startStub();
  });
  after(() => stub.server.close(0));

  const post = (body: string, head = `Content-Length: ${body.length}\r\n`) =>
    sendRaw(stub.port, Buffer.from(
      `POST /api/post HTTP/1.1\r\nHost: ${stub.live}\r\n${head}Connection: close\r\n\r\n${body}`,
      'latin1',
    ));

  test('every byte reaches the dialect as one character', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    assert.equal((await post(bytes)).status, 200);
    assert.equal(stub.seen.at(-1)?.body, bytes);
  });

  test('the limit itself is accepted, one byte more is 413 and reaches nobody', async () => {
    assert.equal((await post('x'.repeat(LIMIT))).status, 200);
    const reached = stub.seen.length;
    const answer = await post('x'.repeat(LIMIT + 1));
    assert.equal(answer.status, 413);
    assert.equal(answer.body, 'stub 413');
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(stub.seen.length, reached);
  });

  test('chunked bodies meet the same limit', async () => {
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const te = 'Transfer-Encoding: chunked\r\n';
    const good = await post(`${chunk('abc')}${chunk('def')}0\r\n\r\n`, te);
    assert.equal(good.status, 200);
    assert.equal(stub.seen.at(-1)?.body, 'abcdef');
    const bad = await post(`${chunk('x'.repeat(700)).repeat(2)}0\r\n\r\n`, te);
    assert.equal(bad.status, 413);
  });

  test('a client that writes on is answered, whatever it announces', async () => {
    assert.equal((await post('x'.repeat(70_000))).status, 413);
    const endless = await post('x'.repeat(400_000), 'Content-Length: 99999999\r\n');
    assert.equal(endless.status, 413);
  });

  test('a GET with a body is refused, an empty one is not', async () => {
    const head = `GET /api/get HTTP/1.1\r\nHost: ${stub.live}\r\nConnection: close\r\n`;
    assert.equal((await sendRaw(stub.port, `${head}Content-Length: 0\r\n\r\n`)).status, 200);
    assert.equal((await sendRaw(stub.port, `${head}Content-Length: 1\r\n\r\nx`)).status, 413);
  });

  test('a client that hangs up in its body leaves the server standing', async () => {
    const reached = stub.seen.length;
    await sendRaw(stub.port,
      `POST /api/post HTTP/1.1\r\nHost: ${stub.live}\r\nContent-Length: 900\r\n\r\nabc`, 50);
    assert.equal(stub.seen.length, reached);
    assert.equal((await post('again')).status, 200);
  });

  test('Expect: 100-continue is met', async () => {
    const answer = await post('abc', 'Content-Length: 3\r\nExpect: 100-continue\r\n');
    assert.match(answer.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});

describe('heads', () => {
  let stub: Stub;
  before(async () => {
    stub = await startStub();
  });
  after(() => stub.server.close(0));

  const send = (head: string, body = '') => sendRaw(stub.port, Buffer.from(
    `${head.replaceAll('HOST', `Host: ${stub.live}`)}\r\n\r\n${body}`, 'latin1',
  ));

  type Row = readonly [status: number, head: string, body?: string];
  const refused: { readonly [name: string]: Row } = {
    'a request line over 16 kB': [414, `GET /api/get?${'a'.repeat(16_384)} HTTP/1.1\r\nHOST`],
    'a request line over every limit': [414, `GET /api/get?${'a'.repeat(60_000)} HTTP/1.1\r\nHOST`],
    'headers over 32 kB': [431, `GET /api/get HTTP/1.1\r\nHOST\r\nX-A: ${'a'.repeat(33_000)}`],
    '64 kB of credentials':
      [431, `GET /api/get HTTP/1.1\r\nHOST\r\nAuthorization: Basic ${'a'.repeat(65_536)}`],
    'no Host': [400, 'GET /api/get HTTP/1.1\r\nX-A: b'],
    'two Hosts': [400, 'GET /api/get HTTP/1.1\r\nHOST\r\nHOST'],
    'a length and a transfer coding':
      [400, 'POST /api/post HTTP/1.1\r\nHOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked',
        '0\r\n\r\n'],
    'two lengths':
      [400, 'POST /api/post HTTP/1.1\r\nHOST\r\nContent-Length: 5\r\nContent-Length: 6', 'abcdef'],
    'an unknown transfer coding':
      [400, 'POST /api/post HTTP/1.1\r\nHOST\r\nTransfer-Encoding: chunked, identity', '0\r\n\r\n'],
    'a transfer coding in HTTP/1.0':
      [400, 'POST /api/post HTTP/1.0\r\nHOST\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    'a folded header': [400, 'GET /api/get HTTP/1.1\r\nHOST\r\nX-A: b\r\n c'],
    'a bare CR': [400, 'GET /api/get HTTP/1.1\r\nHOST\r\nX-A: b\rX-B: c'],
    'a NUL in a header': [400, 'GET /api/get HTTP/1.1\r\nHOST\r\nX-A: \0'],
    'a blank before the colon': [400, 'GET /api/get HTTP/1.1\r\nHOST\r\nX-A : b'],
    'a blank in the target': [400, 'GET /api/get x HTTP/1.1\r\nHOST'],
    'not HTTP': [400, 'hello'],
    'another protocol': [400, 'GET /api/get HTTP/9.9\r\nHOST'],
    'a signed length': [400, 'POST /api/post HTTP/1.1\r\nHOST\r\nContent-Length: +3', 'abc'],
  };

  for (const [name, [status, head, body]] of Object.entries(refused)) {
    test(`${name}: ${status} in our form, and the connection ends`, async () => {
      const reached = stub.seen.length;
      const answer = await send(head, body);
      assert.equal(answer.status, status);
      assert.equal(answer.body, `stub ${status}`);
      assert.equal(answer.headers.get('connection'), 'close');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(stub.seen.length, reached);
      assert.equal(stub.lines.at(-1)?.['status'], status);
    });
  }

  test('a flood of junk is answered, and logged at a bounded rate', async () => {
    const lines = stub.lines.length;
    const answers = await Promise.all(Array.from({ length: 60 }, () => send('junk')));
    assert.ok(answers.every(({ status }) => status === 400));
    assert.ok(stub.lines.length - lines <= 40);
  });

  test('slow heads, slow requests and idle connections have their time limits', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = stub.bound.server;
    assert.deepEqual([headersTimeout, requestTimeout, keepAliveTimeout], [10_000, 30_000, 5_000]);
  });
});

describe('client addresses', () => {
  const addressOf = async (trusted: readonly string[], forwarded: string): Promise<string> => {
    const stub = await startStub({ http: { trusted_proxies: trusted } });
    const head = `GET /api/get HTTP/1.1\r\nHost: ${stub.live}\r\nConnection: close\r\n`;
    await sendRaw(stub.port, `${head}${forwarded}\r\n`);
    await stub.server.close(0);
    return stub.seen.at(-1)?.address ?? 'none';
  };
  const via = (value: string): string => `X-Forwarded-For: ${value}\r\n`;

  test('only a listed proxy is believed, and only its rightmost stranger', async () => {
    const forged = via('6.6.6.6, 203.0.113.7');
    assert.equal(await addressOf([], forged), '127.0.0.1');
    assert.equal(await addressOf(['10.0.0.0/8'], forged), '127.0.0.1');
    assert.equal(await addressOf(['127.0.0.1'], forged), '203.0.113.7');
    assert.equal(await addressOf(['127.0.0.0/8', '203.0.113.0/24'], forged), '6.6.6.6');
    assert.equal(await addressOf(['127.0.0.1'], via('6.6.6.6') + via('[2001:db8::1]:80')),
      '2001:db8::1');
    assert.equal(await addressOf(['127.0.0.1'], via('1.2.3.4:555')), '1.2.3.4');
    assert.equal(await addressOf(['127.0.0.1'], via('6.6.6.6, unknown')), '127.0.0.1');
    assert.equal(await addressOf(['127.0.0.1'], `X-Real-IP: 6.6.6.6\r\n`), '127.0.0.1');
  });

  test('an entry that is no address or subnet does not start', async () => {
    for (const entry of ['proxy.internal', '10.0.0.0/33', '10.0.0.0/x', '', '::/129']) {
      await assert.rejects(startStub({ http: { trusted_proxies: [entry] } }),
        { name: 'BootError', message: /trusted_proxies/ }, entry);
    }
  });
});
