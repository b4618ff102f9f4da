/** Who calls and waits do not limit: partners with one address for many customers (§10). */
import type { Profile } from '../../core/rules/profile.ts';
import { inSubnet } from '../../core/rules/subnet.ts';

export type Exempt = {
  readonly address: string;
  /** Login name, app or API key of the call, as far as they are known. */
  readonly names?: readonly string[];
};

export function isExempt({ limit_exempt }: Profile, { address, names = [] }: Exempt): boolean {
  return limit_exempt.some((entry) =>
    names.includes(entry) || entry === address || inSubnet(address, entry));
}
