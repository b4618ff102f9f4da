/**
 * What crosses between the HTTP adapter and a dialect: plain data, no framework types. A dialect
 * reads a `WireRequest` and answers a `WireResponse`; the adapter owns sockets and limits.
 */
import type { WorldName } from './world.ts';

/** Which of a world's hosts a route lives on; in development one authority plays all roles. */
export type HostRole = 'api' | 'pages' | 'market_data' | 'replay';

/** One HTTP request, complete, its body already read within the limit. */
export type WireRequest = {
  /** Upper-case method as sent. */
  readonly method: string;
  /** Path exactly as sent (undecoded, no query). */
  readonly path: string;
  /** Query string without `?`, undecoded; '' when there is none. */
  readonly query: string;
  /** Last value of a header by lower-case name. */
  header(name: string): string | undefined;
  /** How often a header was sent; more than one `authorization` is an attack or a bug. */
  headerCount(name: string): number;
  /** Body bytes as Latin-1 text: one char a byte, so that no byte is lost before decoding. */
  readonly body: string;
  readonly world: WorldName;
  /** The configured authority the request was sent to, e.g. `api.broker.example`. */
  readonly authority: string;
  /** Client address from the connection or a listed proxy (RFC 7239 §5.2). */
  readonly address: string;
  /** Unique per request; logged and shown on fault pages. */
  readonly request_id: string;
};

export type WireHeader = readonly [name: string, value: string];

/** One HTTP answer. An empty body is sent with an explicit `Content-Length: 0`. */
export type WireResponse = {
  readonly status: number;
  readonly headers: readonly WireHeader[];
  readonly body: string;
  /** What the access log may say about it; nothing secret. */
  readonly log?: WireLog;
};

/** The part of an answer that goes to the access log and the metrics. */
export type WireLog = {
  readonly outcome: string;
  readonly refusal?: string;
  readonly rule?: string;
  /** The refusal's private reason, for operators only. */
  readonly reason?: string;
  readonly app?: string;
};
