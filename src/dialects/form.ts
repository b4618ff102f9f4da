/**
 * Strict decoder of `application/x-www-form-urlencoded` text (bodies and query strings). It reads
 * only the names a route lists; others are ignored, brackets mean nothing, and nothing is guessed:
 * a listed parameter that came twice or cannot be decoded is reported, not repaired.
 */

const PARAMETERS_MAX = 100;
const FIELD_CHARACTERS_MAX = 8192;

export type Form = {
  /** Value of a listed parameter; null when absent or malformed. '' when it was sent empty. */
  readonly get: (name: string) => string | null;
  /** Listed names that came twice, are not UTF-8, or are over the limit; `form` for the whole. */
  readonly malformed: readonly string[];
};

/**
 * @param text undecoded, one char a byte
 * @param listed the names this route reads
 */
export function decodeForm(text: string, listed: readonly string[]): Form {
  const values = new Map<string, string>();
  const malformed = new Set<string>();
  const pieces = text === '' ? [] : text.split('&');
  if (pieces.length > PARAMETERS_MAX) malformed.add('form');
  else for (const piece of pieces) readPiece(piece, listed, { values, malformed });
  return {
    get: (name) => (malformed.has(name) ? null : values.get(name) ?? null),
    malformed: [...malformed],
  };
}

type Reading = { readonly values: Map<string, string>; readonly malformed: Set<string> };

function readPiece(piece: string, listed: readonly string[], { values, malformed }: Reading): void {
  const equals = piece.indexOf('=');
  const name = decodeField(equals < 0 ? piece : piece.slice(0, equals));
  if (name === null || !listed.includes(name)) return;
  const value = equals < 0 ? '' : decodeField(piece.slice(equals + 1));
  if (value === null || values.has(name)) malformed.add(name);
  values.set(name, value ?? '');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Most fields: ASCII that stands for itself. */
const PLAIN = /^[\x00-\x24\x26-\x2a\x2c-\x7f]*$/;

/** Percent- and plus-decoded text, null when it is no UTF-8, badly escaped or too long. */
export function decodeField(text: string): string | null {
  if (PLAIN.test(text)) return text.length > FIELD_CHARACTERS_MAX ? null : text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '%') {
      const digits = text.slice(at + 1, at + 3);
      if (!/^[0-9a-f]{2}$/i.test(digits)) return null;
      bytes.push(Number.parseInt(digits, 16));
      at += 2;
    } else {
      bytes.push(character === '+' ? 0x20 : text.charCodeAt(at));
    }
  }
  return decodeUtf8(Uint8Array.from(bytes));
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    const text = UTF8.decode(bytes);
    return text.length > FIELD_CHARACTERS_MAX ? null : text;
  } catch {
    return null;
  }
}
