/** The form of a dialect's route table: data, checked for overlap at start. */
import type { CommandContext, CommandName, Commands, Dispatch, Outcomes } from './commands.ts';
import type { Refusal, Result } from './rules/refusals.ts';
import type { SocketRoute } from './sockets.ts';
import type { HostRole, WireLog, WireRequest, WireResponse } from './wire.ts';

/** A route bound to one command, with its codec. Its `answer` is built from a typed codec. */
export type Route = {
  /** `dialect.name`, unique; the row in docs/endpoints.md. */
  readonly id: string;
  readonly dialect: string;
  readonly role: HostRole;
  readonly methods: readonly string[];
  /**
   * Matched byte for byte against the raw path, unless the owner folds case. Where it does, a last
   * segment of `*` stands for any last segment that no other route has.
   */
  readonly path: string;
  readonly fold_case: boolean;
  /** True for an address that another dialect's own route goes before, where both are served. */
  readonly yields?: true;
  /** One line for docs/endpoints.md. */
  readonly says: string;
  readonly body_bytes_max: number;
  /** Answers a request; never throws for what a client sent. */
  readonly answer: (request: WireRequest, dispatch: Dispatch) => Promise<WireResponse>;
};

/** How a route speaks: decode to a command (or refuse), encode the result. */
export type Codec<N extends CommandName> = {
  readonly command: N;
  readonly decode: (request: WireRequest) => Result<Commands[N]>;
  readonly encode: (outcome: Outcomes[N], request: WireRequest) => WireResponse;
  readonly refuse: (refusal: Refusal, request: WireRequest) => WireResponse;
};

/** Builds a route's `answer` from its codec: decode, dispatch, encode. */
export function answerBy<N extends CommandName>(codec: Codec<N>): Route['answer'] {
  return (request, dispatch) => {
    const decoded = codec.decode(request);
    if (!decoded.ok) return Promise.resolve(refuse(codec, decoded.refusal, request));
    const context: CommandContext = { address: request.address, request_id: request.request_id };
    return dispatch(codec.command, decoded.value, context).then((result) =>
      result.ok
        ? codec.encode(result.value, request)
        : refuse(codec, result.refusal, request));
  };
}

function refuse<N extends CommandName>(
  codec: Codec<N>,
  refusal: Refusal,
  request: WireRequest,
): WireResponse {
  return { ...codec.refuse(refusal, request), log: refusalLog(refusal) };
}

/** What the access log says of a refusal: all of it, because operators read it. */
export function refusalLog(refusal: Refusal): WireLog {
  const { code, rule, reason } = refusal;
  return { outcome: 'refused', refusal: code, rule, reason };
}

/**
 * What a dialect gives the HTTP adapter: its routes, and answers in its own shape for what no
 * route or rule has answered (404, 405, 413, 414, 421, 431, 500, 503).
 */
export type Dialect = {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Paths at which it speaks over WebSocket connections. */
  readonly socket_routes?: readonly SocketRoute[];
  /** Path prefixes whose unrouted paths this dialect answers; '' = everything left over. */
  readonly owned_prefixes: readonly string[];
  readonly problem: (problem: HttpProblem, request: ProblemRequest) => WireResponse;
};

export type HttpProblem = {
  readonly status: 400 | 404 | 405 | 413 | 414 | 421 | 431 | 500 | 503;
  /** For 405. */
  readonly allow?: readonly string[];
  /** For 503. */
  readonly retry_after_s?: number;
};

/** What is known of a request when only a problem is left to answer. */
export type ProblemRequest = Pick<
  WireRequest, 'method' | 'path' | 'world' | 'authority' | 'request_id' | 'header'
>;
