/** Where the dialect speaks on sockets. */
import type { SocketRoute } from '../../../core/sockets.ts';
import type { SocketOptions } from './answers.ts';
import { converse } from './conversation.ts';

/** As much as a request's body may be (contract §2). */
const FRAME_BYTES_MAX = 65_536;

export function socketRoutes(options: SocketOptions): readonly SocketRoute[] {
  return [
    {
      id: 'tradovate.websocket',
      dialect: 'tradovate',
      roles: ['api', 'market_data', 'replay'],
      path: '/v1/websocket',
      fold_case: true,
      says: 'WebSocket: authorize, then operations; ends with its session or grant',
      frame_bytes_max: FRAME_BYTES_MAX,
      open: (socket, dispatch, now_ms) => converse(options, socket, dispatch, now_ms),
    },
  ];
}
