/** What a handle says openly: whose it is and which record it names. */

/** `cs_<world>_<kind>_`, two characters of key number, customer (11), record (11). */
const HANDLE = /^cs_(?:live|paper)_[a-z]+_.{2}(.{11})(.{11})/;

/** @throws Error when the text is no handle of ours */
export function handleIds(handle: string): { readonly customer: string; readonly record: string } {
  const [, customer, record] = HANDLE.exec(handle) ?? [];
  if (customer === undefined || record === undefined) throw new Error(`no handle: ${handle}`);
  return { customer, record };
}
