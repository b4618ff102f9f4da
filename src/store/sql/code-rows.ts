/** Codes as lean rows: one INSERT at consent, one UPDATE when redeemed. */
import type { CodeState } from '../../core/kinds/code.ts';
import { expiresAt } from '../retention.ts';
import {
  type Cell, type RowForm, DAY_MS, bytesOfDigest, digestOfBytes, number, orNull, sweepDay, text,
} from './rows.ts';

/** Numbers on disk: appended to, never changed. */
const STATES: { readonly [S in CodeState['is']]: number } = {
  unspent: 0,
  spent: 1,
  replayed: 2,
  ended: 3,
};

export const CODE_ROWS: RowForm<'code'> = {
  kind: 'code',
  table: 'code',
  columns: [
    'customer TEXT NOT NULL', 'app TEXT NOT NULL', 'dialect TEXT NOT NULL',
    'digest BLOB NOT NULL', 'redirect_uri TEXT NOT NULL', 'scopes INTEGER NOT NULL',
    'code_challenge TEXT', 'issued_at INTEGER NOT NULL', 'expires_at INTEGER NOT NULL',
    'epoch_standing INTEGER NOT NULL', 'epoch_credentials INTEGER NOT NULL',
    'epoch_app INTEGER NOT NULL', 'epoch_world INTEGER NOT NULL', 'state INTEGER NOT NULL',
    'state_at INTEGER', 'grant_id TEXT', 'expires_day INTEGER', 'resource TEXT', 'nonce TEXT',
    'signed_in_at INTEGER NOT NULL',
  ],
  sweep: { column: 'expires_day', unit_ms: DAY_MS },
  toCells(code) {
    const { epochs, state } = code;
    return [
      code.customer, code.app, code.dialect, bytesOfDigest(code.digest), code.redirect_uri,
      code.scopes, code.code_challenge, code.issued_at, code.expires_at,
      epochs.standing, epochs.credentials, epochs.app, epochs.world,
      STATES[state.is],
      state.is === 'unspent' ? null : state.at,
      state.is === 'spent' || state.is === 'replayed' ? state.grant : null,
      sweepDay(expiresAt('code', code)),
      code.resource, code.nonce, code.signed_in_at,
    ];
  },
  fromCells(cells) {
    return {
      customer: text(cells[0]),
      app: text(cells[1]),
      dialect: text(cells[2]),
      digest: digestOfBytes(cells[3]),
      redirect_uri: text(cells[4]),
      scopes: number(cells[5]),
      code_challenge: orNull(cells[6], text),
      issued_at: number(cells[7]),
      expires_at: number(cells[8]),
      epochs: {
        standing: number(cells[9]),
        credentials: number(cells[10]),
        app: number(cells[11]),
        world: number(cells[12]),
      },
      state: stateOf(number(cells[13]), cells[14], cells[15]),
      resource: orNull(cells[17], text),
      nonce: orNull(cells[18], text),
      signed_in_at: number(cells[19]),
    };
  },
};

function stateOf(place: number, at: Cell | undefined, grant: Cell | undefined): CodeState {
  switch (place) {
    case STATES.unspent: return { is: 'unspent' };
    case STATES.spent: return { is: 'spent', at: number(at), grant: text(grant) };
    case STATES.replayed: return { is: 'replayed', at: number(at), grant: text(grant) };
    case STATES.ended: return { is: 'ended', at: number(at) };
    default: throw new Error('the state of a code is damaged');
  }
}
