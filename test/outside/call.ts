/** One HTTP/1.1 request and its answer, byte for byte: nothing followed, nothing decoded. */
import { Agent, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export type Call = {
  readonly method?: string;
  /** Path with query, sent as it is. */
  readonly path: string;
  /** Sent in this order; a `Host` here replaces the authority's own. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Buffer;
};

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly raw_headers: readonly (readonly [string, string])[];
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. Throws when it is none. */
  readonly json: <T = { readonly [name: string]: unknown }>() => T;
};

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const TIMEOUT_MS = 30_000;

/** Sends one request to an origin (`http://host:port`) and reads the whole answer. */
export function call(origin: string, { method, path, headers, body }: Call): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const given = headers ?? [];
  const flat = given.flatMap(([name, value]) => [name, value]);
  const named = (name: string): boolean => given.some(([own]) => own.toLowerCase() === name);
  if (!named('host')) flat.push('Host', new URL(origin).host);
  if (body !== undefined && !named('content-length') && !named('transfer-encoding')) {
    flat.push('Content-Length', String(Buffer.byteLength(body)));
  }
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      agent,
      hostname,
      port,
      path,
      method: method ?? 'GET',
      headers: flat,
      timeout: TIMEOUT_MS,
    });
    request.on('timeout', () => request.destroy(new Error(`no answer to ${path}`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        resolve(answer(status, response.headers, response.rawHeaders, Buffer.concat(parts)));
      });
    });
    request.end(body);
  });
}

function answer(
  status: number,
  headers: IncomingHttpHeaders,
  raw: readonly string[],
  bytes: Buffer,
): Answer {
  const text = bytes.toString('utf8');
  const raw_headers = raw.flatMap((name, at): (readonly [string, string])[] =>
    at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : [],
  );
  return { status, headers, raw_headers, bytes, text, json: () => JSON.parse(text) };
}

/** POSTs a form; a string is sent as it is, pairs are encoded in their order. */
export function post(
  origin: string,
  path: string,
  form: string | readonly (readonly [string, string])[],
  headers: readonly (readonly [string, string])[] = [],
): Promise<Answer> {
  const body = typeof form === 'string' ? form : encodeForm(form);
  const type = headers.some(([name]) => name.toLowerCase() === 'content-type');
  const form_type = ['Content-Type', 'application/x-www-form-urlencoded'] as const;
  return call(origin, {
    method: 'POST',
    path,
    body,
    headers: type ? headers : [form_type, ...headers],
  });
}

/** `name=value` pairs as a form body or a query. */
export function encodeForm(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map((pair) => pair.map((text) => encodeURIComponent(text)).join('=')).join('&');
}

/**
 * Writes bytes to a fresh connection and reads what comes until the other side closes, or until
 * nothing came for `quiet_ms`. For requests that no HTTP library would send.
 */
export function callRaw(
  origin: string,
  bytes: string | Buffer,
  quiet_ms = 1_000,
): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(parts).toString('latin1'));
    };
    socket.setTimeout(quiet_ms, done);
    socket.on('data', (part) => parts.push(part));
    socket.on('close', done);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A refused request may end in a reset after its answer was read.
      if (parts.length > 0 || error.code === 'ECONNRESET' || error.code === 'EPIPE') done();
      else reject(error);
    });
    socket.write(bytes);
  });
}
