/** Frames of the socket (contract §11): what a peer sends, and what it is sent. Never throws. */

/** One operation as sent. */
export type Operation = {
  readonly is: 'operation';
  /** In lower case. */
  readonly name: string;
  readonly id: number;
  /** Null when absent, in any of the ways that clients have of sending nothing. */
  readonly query: string | null;
  readonly body: string | null;
  /** The frame itself, for those behind us. */
  readonly text: string;
};

export type ClientFrame =
  | { readonly is: 'heartbeat' }
  | Operation
  | { readonly is: 'malformed'; readonly id: number; readonly says: string };

/** What an operation is answered: a status, and where it says more, what. */
export type Reply = { readonly s: number; readonly d?: unknown };

/** Reasons for a shutdown that clients know; others make one of them disconnect. */
export type ShutdownCode = 'Maintenance' | 'ConnectionQuotaReached' | 'IPQuotaReached';

const ID = /^\d{1,15}$/;

/** `operation\nid\nquery\nbody`; the body keeps its line feeds, and what is missing is absent. */
export function readFrame(text: string): ClientFrame {
  if (text.trim() === '[]') return { is: 'heartbeat' };
  const [name = '', id_text = '', query = '', body = ''] = splitThrice(text);
  const id = ID.test(id_text) ? Number(id_text) : 0;
  if (name.trim() === '') return { is: 'malformed', id, says: 'operation is missing' };
  if (!ID.test(id_text)) return { is: 'malformed', id, says: 'id is not a whole number' };
  return {
    is: 'operation',
    name: name.trim().toLowerCase(),
    id,
    query: present(query),
    body: present(body),
    text,
  };
}

function splitThrice(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < 3) {
    const end = text.indexOf('\n', from);
    if (end < 0) break;
    parts.push(text.slice(from, end).replace(/\r$/, ''));
    from = end + 1;
  }
  parts.push(text.slice(from));
  return parts;
}

/** Two samples of the vendor send the word `undefined` for nothing. */
function present(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' || trimmed === 'undefined' ? null : text;
}

/** The answer to an operation; `d` comes last and is left out when there is nothing to say. */
export function answerFrame(id: number, { s, d }: Reply): string {
  return `a${JSON.stringify([d === undefined ? { s, i: id } : { s, i: id, d }])}`;
}

export function shutdownFrame(reasonCode: ShutdownCode, reason: string): string {
  return `a${JSON.stringify([{ e: 'shutdown', d: { reasonCode, reason } }])}`;
}

export const OPEN_FRAME = 'o';
export const HEARTBEAT_FRAME = 'h';
/** Some clients understand nothing but this as a goodbye. */
export const CLOSE_FRAME = 'c';

const TOKEN_CHARACTERS_MAX = 8192;

/** The token of an `authorize`: bare or a JSON string, with or without white space around it. */
export function readToken(body: string | null): string | null {
  const bare = body?.trim() ?? '';
  const token = bare.startsWith('"') ? textOf(bare) : bare;
  return token === null || token === '' || token.length > TOKEN_CHARACTERS_MAX ? null : token;
}

function textOf(json: string): string | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value.trim() : null;
  } catch {
    return null;
  }
}
