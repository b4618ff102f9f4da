/** Connections to a server behind us, which answers what is not ours (see core/sockets.ts). */
import { type ClientOptions, WebSocket } from 'ws';
import type { Upstream, UpstreamEvents, UpstreamTarget } from '../../core/sockets.ts';

const HANDSHAKE_MS = 5_000;
const GOODBYE_MS = 1_000;
/** Charts come in large frames; a larger one is no frame of a server in its right mind. */
const FRAME_BYTES_MAX = 4_194_304;
/** A server behind us that does not read must not eat memory. */
const BUFFERED_BYTES_MAX = 1_048_576;

/** The package has the option, its types do not yet. */
type TimedOptions = ClientOptions & { readonly closeTimeout: number };

/** Never throws: an address that cannot be connected to is a connection that has closed. */
export function connectUpstream(target: UpstreamTarget, events: UpstreamEvents): Upstream {
  const upstream = open(target);
  if (upstream === null) {
    queueMicrotask(() => events.closed());
    return { send: () => undefined, close: () => undefined };
  }
  upstream.on('open', () => events.opened());
  upstream.on('message', (data: Buffer, is_binary: boolean) => {
    if (!is_binary) events.receive(data.toString('utf8'));
  });
  // The close that follows an error says all that there is to say.
  upstream.on('error', () => undefined);
  upstream.on('close', () => events.closed());
  return {
    send(text) {
      if (upstream.readyState !== WebSocket.OPEN) return;
      if (upstream.bufferedAmount > BUFFERED_BYTES_MAX) return upstream.terminate();
      upstream.send(text);
    },
    close: () => upstream.close(1000),
  };
}

function open({ url, bearer }: UpstreamTarget): WebSocket | null {
  const options: TimedOptions = {
    headers: { Authorization: `Bearer ${bearer}` },
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: HANDSHAKE_MS,
    closeTimeout: GOODBYE_MS,
    maxPayload: FRAME_BYTES_MAX,
  };
  try {
    return new WebSocket(url, options);
  } catch {
    return null;
  }
}
