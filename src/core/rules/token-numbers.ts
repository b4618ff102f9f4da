/**
 * Access tokens leave no row. A grant numbers them and keeps a 128-bit mask of recent numbers that
 * were ended one by one: bit 0 is the newest number, bit k is `last - k`. Bit 128 says that some
 * older one was ended: then all older ones count as ended, so that none comes back to life.
 */
const MASK_BITS = 128n;
const MASK_ALL = (1n << MASK_BITS) - 1n;
const OLDER_ENDED = 1n << MASK_BITS;

/** The mask after one more token was issued. The common empty mask costs nothing. */
export function shiftMask(mask: string): string {
  if (mask === '') return '';
  const shifted = BigInt(`0x${mask}`) << 1n;
  return hex((shifted & MASK_ALL) | (shifted > MASK_ALL ? OLDER_ENDED : 0n));
}

/** The mask after number `ended` was ended singly. */
export function markEnded(mask: string, last: number, ended: number): string {
  const distance = BigInt(last - ended);
  if (distance < 0n) return mask;
  const bits = mask === '' ? 0n : BigInt(`0x${mask}`);
  return hex(bits | (distance < MASK_BITS ? 1n << distance : OLDER_ENDED));
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
  const bit = BigInt(Math.min(distance, Number(MASK_BITS)));
  return (BigInt(`0x${grant.ended_numbers}`) & (1n << bit)) === 0n;
}

function hex(bits: bigint): string {
  return bits === 0n ? '' : bits.toString(16);
}
