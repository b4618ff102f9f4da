/** One line a request: what came of it, never what was in it (no query, no body, no cookie). */
import type { WireResponse } from '../core/wire.ts';
import type { WorldName } from '../core/world.ts';
import type { Log } from '../ports/log.ts';

export type Access = {
  readonly request_id: string;
  readonly world: WorldName | null;
  readonly dialect: string | null;
  /** Route id; null when no route answered. */
  readonly route: string | null;
  readonly method: string;
  readonly address: string;
  /** Monotonic ms when its head was read. */
  readonly started: number;
};

export function logAccess(log: Log, access: Access, { status, log: said }: WireResponse): void {
  const { started, ...fields } = access;
  log.write('info', 'request', {
    ...fields,
    status,
    outcome: said?.outcome ?? (status < 400 ? 'ok' : 'refused'),
    refusal: said?.refusal,
    rule: said?.rule,
    reason: said?.reason,
    app: said?.app,
    ms: Math.round((performance.now() - started) * 100) / 100,
  });
}
