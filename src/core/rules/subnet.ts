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
