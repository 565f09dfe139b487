import { BlockList, isIP } from 'node:net';

/** The networks of IPv4 that are not public: the IANA special-purpose registry, multicast, and the reserved block. */
const specialNetworks4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** The parts of 2000::/3 that are not public, or that contain an address of IPv4: Teredo and others, examples, 6to4. */
const specialNetworks6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** The well-known prefix of NAT64 (RFC 6052): the last 32 bits are the address of IPv4 that is reached. */
const nat64 = '64:ff9b::';

/**
 * Returns a function that says whether files may be fetched from an address. Of IPv6, only 2000::/3 is public, and the
 * NAT64 addresses of public IPv4 addresses. So `::1`, `fc00::/7`, `fe80::/10` and the IPv4-mapped `::ffff:0:0/96` are not.
 *
 * @param privateAddresses - addresses and subnets that are accepted too
 */
export function openAddresses(privateAddresses: readonly string[]): (address: string) => boolean {
  const special4 = new BlockList();
  const special6 = new BlockList();
  const public6 = new BlockList();
  for (const [network, bits] of specialNetworks4) {
    special4.addSubnet(network, bits, 'ipv4');
    special6.addSubnet(`${nat64}${network}`, 96 + bits, 'ipv6');
  }
  for (const [network, bits] of specialNetworks6) special6.addSubnet(network, bits, 'ipv6');
  public6.addSubnet('2000::', 3, 'ipv6');
  public6.addSubnet(nat64, 96, 'ipv6');
  const accepted = new BlockList();
  for (const { network, bits, family } of privateAddresses.map(parseSubnet).filter((subnet) => subnet !== undefined)) {
    accepted.addSubnet(network, bits, family);
  }
  return (address) => {
    const family = familyOf(address);
    if (family === undefined) return false;
    if (accepted.check(address, family)) return true;
    if (family === 'ipv4') return !special4.check(address, family);
    return public6.check(address, family) && !special6.check(address, family);
  };
}

interface Subnet {
  readonly network: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Reads an address, or a subnet such as `10.1.0.0/16`.
 *
 * @returns `undefined` when the text is neither of them
 */
export function parseSubnet(text: string): Subnet | undefined {
  const [, network = '', bitsText] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(network);
  if (family === undefined) return undefined;
  const maxBits = family === 'ipv4' ? 32 : 128;
  const bits = bitsText === undefined ? maxBits : Number(bitsText);
  return bits > maxBits ? undefined : { network, bits, family };
}

/** An address with a zone, such as `fe80::1%eth0`, is not accepted. */
function familyOf(address: string): Subnet['family'] | undefined {
  if (address.includes('%')) return undefined;
  const family = isIP(address);
  if (family === 0) return undefined;
  return family === 4 ? 'ipv4' : 'ipv6';
}
