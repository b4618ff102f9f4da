/** One log line a request: what came of it, never what was in it (no query, body, cookie). */
import type { WireResponse } from '../core/wire.ts';
import type { WorldName } from '../core/world.ts';
import type { Log } from '../ports/log.ts';

export type Access = {
  readonly request_id: string;
  readonly world: WorldName | undefined;
  readonly dialect: string;
  /** Route id, or what stands for it: `unrouted`, `misdirected`, `parser`. */
  readonly route: string;
  readonly method: string;
  readonly address: string;
  /** Milliseconds from the head of the request to its answer. */
  readonly ms: number;
};

export function logAccess(log: Log, access: Access, answer: WireResponse): void {
  const { ms, ...fields } = access;
  log.write('info', 'request', {
    ...fields,
    status: answer.status,
    outcome: answer.log?.outcome ?? 'answered',
    refusal: answer.log?.refusal,
    rule: answer.log?.rule,
    reason: answer.log?.reason,
    ms: Math.round(ms * 10) / 10,
  });
}
