/** The network that limits count: /24 for IPv4, /64 for IPv6. */

/** `203.0.113.0/24`, `2001:db8:0:1::/64`; an unreadable address is its own network. */
export function subnetOf(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address;
  const quads = mapped.split('.');
  if (quads.length === 4) return `${quads[0]}.${quads[1]}.${quads[2]}.0/24`;
  if (!mapped.includes(':')) return mapped;
  return `${firstGroups(mapped).join(':')}::/64`;
}

/** The first four 16-bit groups of an IPv6 address, `::` expanded. */
function firstGroups(address: string): string[] {
  const bare = address.split('%')[0] ?? address;
  const [head = '', tail] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase());
}

/** Is the address in a subnet written as `203.0.113.0/24` or `2001:db8::/32`? */
export function inSubnet(address: string, subnet: string): boolean {
  const [base = '', bits_text = '', ...more] = subnet.split('/');
  // An empty or odd width must not come to 0, which would hold everybody.
  if (!/^[0-9]{1,3}$/.test(bits_text) || more.length > 0) return false;
  const inner = addressBits(address);
  const outer = addressBits(base);
  const bits = Number(bits_text);
  if (inner === null || outer === null || inner.width !== outer.width) return false;
  if (bits > inner.width) return false;
  const shift = BigInt(inner.width - bits);
  return inner.value >> shift === outer.value >> shift;
}

type AddressBits = { readonly width: 32 | 128; readonly value: bigint };

function addressBits(address: string): AddressBits | null {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address;
  const quads = mapped.split('.');
  if (quads.length === 4) {
    const fair = quads.every((quad) => /^[0-9]{1,3}$/.test(quad) && Number(quad) < 256);
    if (!fair) return null;
    return { width: 32, value: quads.reduce((sum, quad) => (sum << 8n) | BigInt(quad), 0n) };
  }
  const groups = allGroups(mapped);
  if (groups === null) return null;
  return { width: 128, value: groups.reduce((sum, group) => (sum << 16n) | group, 0n) };
}

/** The eight groups of an IPv6 address, or null when it is none. */
function allGroups(address: string): bigint[] | null {
  const [head = '', tail, more] = (address.split('%')[0] ?? address).split('::');
  if (more !== undefined || !address.includes(':')) return null;
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const texts = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!texts.every((text) => /^[0-9a-f]{1,4}$/i.test(text))) return null;
  return texts.map((text) => BigInt(`0x${text}`));
}
