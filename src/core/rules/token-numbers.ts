/**
 * Access tokens leave no row. A grant numbers them and keeps a 128-bit mask of recent numbers that
 * were ended one by one: bit 0 is the newest number, bit k is `last - k`.
 */
const MASK_BITS = 128n;
const MASK_ALL = (1n << MASK_BITS) - 1n;

/** The mask after one more token was issued. The common empty mask costs nothing. */
export function shiftMask(mask: string): string {
  if (mask === '') return '';
  return hex((BigInt(`0x${mask}`) << 1n) & MASK_ALL);
}

/** The mask after number `ended` was ended singly. */
export function markEnded(mask: string, last: number, ended: number): string {
  const distance = BigInt(last - ended);
  if (distance < 0n || distance >= MASK_BITS) return mask;
  const bits = mask === '' ? 0n : BigInt(`0x${mask}`);
  return hex(bits | (1n << distance));
}

/** Is token `number` among the newest `live_max` and not ended singly? */
export function numberIsLive(
  grant: { readonly last_number: number; readonly ended_numbers: string },
  number: number,
  live_max: number,
): boolean {
  const distance = grant.last_number - number;
  if (distance < 0 || distance >= live_max) return false;
  if (grant.ended_numbers === '') return true;
  return (BigInt(`0x${grant.ended_numbers}`) & (1n << BigInt(distance))) === 0n;
}

function hex(bits: bigint): string {
  return bits === 0n ? '' : bits.toString(16);
}
