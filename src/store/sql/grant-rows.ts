/** Grants as lean rows: a refresh is one UPDATE of one row, and no index follows its changes. */
import type {
  GrantEnd, GrantRefresh, GrantState, RefreshPredecessor,
} from '../../core/kinds/grant.ts';
import { expiresAt } from '../retention.ts';
import {
  type Cell, type RowForm, DAY_MS, bytesOfDigest, digestOfBytes, number, orNull, sweepDay, text,
} from './rows.ts';

/** Numbers on disk: appended to, never changed. 0 is a live grant. */
const ENDS: { readonly [E in GrantEnd]: number } = {
  customer: 1,
  operator: 2,
  code_replay: 3,
  grant_limit: 4,
  refresh_replay: 5,
  customer_closed: 6,
};
const END_NAMES = new Map(Object.entries(ENDS).map(([name, place]) => [place, name as GrantEnd]));

export const GRANT_ROWS: RowForm<'grant'> = {
  kind: 'grant',
  table: 'grant_',
  columns: [
    // Null when it is the shard that the id begins with: it is not kept twice.
    'customer TEXT', 'app TEXT NOT NULL', 'dialect TEXT NOT NULL', 'scopes INTEGER NOT NULL',
    'begun_at INTEGER NOT NULL', 'ends_at INTEGER', 'epoch_standing INTEGER NOT NULL',
    'epoch_app INTEGER NOT NULL', 'epoch_refresh INTEGER NOT NULL', 'epoch_world INTEGER NOT NULL',
    'state INTEGER NOT NULL', 'ended_at INTEGER', 'last_number INTEGER NOT NULL',
    'ended_numbers TEXT NOT NULL', 'last_used_at INTEGER NOT NULL', 'generation INTEGER',
    'digest BLOB', 'window_began_at INTEGER', 'window_count INTEGER', 'expires_day INTEGER',
    'resource TEXT', 'chain_began_at INTEGER NOT NULL', 'refresh_issued_at INTEGER',
    'network TEXT', 'before_generation INTEGER', 'before_digest BLOB', 'before_used_at INTEGER',
    'window_key INTEGER', 'successor TEXT',
  ],
  sweep: { column: 'expires_day', unit_ms: DAY_MS },
  toCells(grant, id) {
    const { epochs, state, refresh } = grant;
    const before = refresh?.predecessor ?? null;
    return [
      isShardOf(grant.customer, id) ? null : grant.customer,
      grant.app, grant.dialect, grant.scopes, grant.begun_at, grant.ends_at,
      epochs.standing, epochs.app, epochs.refresh, epochs.world,
      state.is === 'live' ? 0 : ENDS[state.by], state.is === 'live' ? null : state.at,
      grant.last_number, grant.ended_numbers, grant.last_used_at,
      refresh?.generation ?? null,
      refresh === null ? null : bytesOfDigest(refresh.digest),
      refresh?.window_began_at ?? null, refresh?.window_count ?? null,
      sweepDay(expiresAt('grant', grant)),
      grant.resource, grant.chain_began_at, refresh?.issued_at ?? null, refresh?.network ?? null,
      before?.generation ?? null,
      before === null ? null : bytesOfDigest(before.digest),
      before?.used_at ?? null, before?.window_key ?? null, before?.sealed_successor ?? null,
    ];
  },
  fromCells(cells, id) {
    return {
      customer: orNull(cells[0], text) ?? id.slice(0, SHARD_CHARS),
      app: text(cells[1]),
      dialect: text(cells[2]),
      scopes: number(cells[3]),
      begun_at: number(cells[4]),
      ends_at: orNull(cells[5], number),
      epochs: {
        standing: number(cells[6]),
        app: number(cells[7]),
        refresh: number(cells[8]),
        world: number(cells[9]),
      },
      state: stateOf(number(cells[10]), cells[11]),
      last_number: number(cells[12]),
      ended_numbers: text(cells[13]),
      refresh: refreshOf(cells),
      resource: orNull(cells[20], text),
      chain_began_at: number(cells[21]),
      last_used_at: number(cells[14]),
    };
  },
};

const SHARD_CHARS = 11;

function isShardOf(customer: string, id: string): boolean {
  return customer.length === SHARD_CHARS && id.startsWith(customer);
}

function stateOf(place: number, ended_at: Cell | undefined): GrantState {
  if (place === 0) return { is: 'live' };
  const by = END_NAMES.get(place);
  if (by === undefined) throw new Error('the state of a grant is damaged');
  return { is: 'ended', at: number(ended_at), by };
}

function refreshOf(cells: readonly Cell[]): GrantRefresh | null {
  if (cells[15] === null) return null;
  return {
    generation: number(cells[15]),
    digest: digestOfBytes(cells[16]),
    window_began_at: number(cells[17]),
    window_count: number(cells[18]),
    issued_at: number(cells[22]),
    network: orNull(cells[23], text),
    predecessor: predecessorOf(cells),
  };
}

function predecessorOf(cells: readonly Cell[]): RefreshPredecessor | null {
  if (cells[24] === null) return null;
  return {
    generation: number(cells[24]),
    digest: digestOfBytes(cells[25]),
    used_at: number(cells[26]),
    window_key: number(cells[27]),
    sealed_successor: text(cells[28]),
  };
}
