/** The bytes inside a sealed access token: its claims, packed, in one canonical form. */
import type { AccessTokenClaims } from '../../ports/seals.ts';

/** Formats: the grant's id begins with the customer's, or stands there whole. */
const SHARED = 1;
const APART = 2;
/** Format, two lengths, then number, scopes, issue time and lifetime. */
const FIXED_BYTES = 3 + 6 + 4 + 6 + 4;

/** Throws a RangeError when a claim does not fit: that is our own mistake, never a client's. */
export function packClaims(claims: AccessTokenClaims): Buffer {
  const { customer, grant } = claims;
  // A grant's id begins with its shard, the customer: it is not said twice.
  const shared = grant.startsWith(customer);
  const rest = shared ? grant.slice(customer.length) : grant;
  const texts = customer + rest;
  const bytes = Buffer.allocUnsafe(FIXED_BYTES + texts.length);
  let at = bytes.writeUInt8(shared ? SHARED : APART, 0);
  at = bytes.writeUInt8(customer.length, at);
  at = bytes.writeUInt8(rest.length, at);
  at = bytes.writeUIntBE(claims.number, at, 6);
  at = bytes.writeUInt32BE(claims.scopes, at);
  at = bytes.writeUIntBE(claims.issued_at_s, at, 6);
  at = bytes.writeUInt32BE(claims.lifetime_s, at);
  bytes.write(texts, at, 'latin1');
  return bytes;
}

/** Reads what `packClaims` wrote; null for any other bytes. */
export function unpackClaims(bytes: Buffer): AccessTokenClaims | null {
  const format = bytes[0];
  if (bytes.length < FIXED_BYTES || (format !== SHARED && format !== APART)) return null;
  const customer_end = FIXED_BYTES + bytes.readUInt8(1);
  if (bytes.length !== customer_end + bytes.readUInt8(2)) return null;
  const customer = bytes.toString('latin1', FIXED_BYTES, customer_end);
  const rest = bytes.toString('latin1', customer_end);
  return {
    customer,
    grant: format === SHARED ? customer + rest : rest,
    number: bytes.readUIntBE(3, 6),
    scopes: bytes.readUInt32BE(9),
    issued_at_s: bytes.readUIntBE(13, 6),
    lifetime_s: bytes.readUInt32BE(19),
  };
}
