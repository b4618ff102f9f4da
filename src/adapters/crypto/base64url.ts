/** Strict base64url (RFC 4648 §5, no padding). */

/** The bytes, or null when `text` is not the one canonical spelling of them (AC-07). */
export function bytesOfBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
