import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * The address of a client, to count what one client does: what Express says when the application trusts a proxy, otherwise
 * the other end of the connection. Of an IPv6 address only the first 64 bits count, because one client has all addresses
 * of such a network (RFC 6177).
 *
 * @example
 * import { createServer } from 'node:http';
 *
 * createServer((req, res) => res.end(`You are ${clientAddress(req)}`));
 */
export function clientAddress(req: IncomingMessage): string {
  const { ip } = req as { readonly ip?: unknown };
  const address = typeof ip === 'string' && ip !== '' ? ip : (req.socket.remoteAddress ?? '');
  return isIPv6(address) ? networkOf(address) : address;
}

function networkOf(address: string): string {
  // An IPv4 client of a socket that accepts both has an address like ::ffff:192.0.2.1.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}
