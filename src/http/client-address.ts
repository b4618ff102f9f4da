/** The client's address: from the connection, or through proxies that are listed by name. */
import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { BootError } from '../core/boot-error.ts';

/** Finds the address of a request's client. */
export type AddressReader = (message: IncomingMessage) => string;

/**
 * @param trusted_proxies addresses and subnets (`10.0.0.0/8`) whose `X-Forwarded-For` counts
 * @throws BootError for an entry that is neither
 */
export function addressReader(trusted_proxies: readonly string[]): AddressReader {
  if (trusted_proxies.length === 0) return (message) => peerOf(message);
  const trusted = trustedList(trusted_proxies);
  const isTrusted = (address: string): boolean =>
    trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (message) => {
    const peer = peerOf(message);
    if (isIP(peer) === 0 || !isTrusted(peer)) return peer;
    return rightmostUntrusted(message.headers['x-forwarded-for'], peer, isTrusted);
  };
}

/** Everything left of the first hop that nobody vouches for may be forged (HP-02). */
function rightmostUntrusted(
  header: string | string[] | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  const hops = (Array.isArray(header) ? header.join(',') : header ?? '').split(',').reverse();
  let nearest = peer;
  for (const hop of hops) {
    const address = bareAddress(hop.trim());
    if (address === null) return nearest;
    nearest = address;
    if (!isTrusted(address)) return address;
  }
  return nearest;
}

function peerOf({ socket }: IncomingMessage): string {
  return unmapped(socket.remoteAddress ?? '');
}

function unmapped(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`, `::1` → the address; null when it is none. */
function bareAddress(hop: string): string | null {
  const match = /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(hop) ?? /^([\d.]+)(?::\d+)?$/.exec(hop);
  const address = unmapped(match?.[1] ?? hop);
  return isIP(address) === 0 ? null : address;
}

function trustedList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    const width = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? width : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > width) {
      throw new BootError(`trusted_proxies: ${entry} is neither an address nor a subnet`);
    }
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
