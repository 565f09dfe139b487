import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Finds the addresses of a host name. It rejects when it cannot. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/**
 * Asks the name servers, and reads no `/etc/hosts`. `dns.lookup` would do so, but it occupies one of the few threads that
 * also read and write files, for as long as a name server is silent.
 */
export const resolveName: ResolveName = async (name) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
};

/** `localhost` is always this machine (RFC 6761 section 6.3). */
const loopback: readonly string[] = ['127.0.0.1', '::1'];

/** @returns the addresses of the host of a URL; none when it has none, or when its name cannot be resolved */
export async function hostAddresses({ hostname }: URL, resolve: ResolveName): Promise<readonly string[]> {
  const name = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(name) !== 0) return [name];
  if (name === 'localhost' || name.endsWith('.localhost')) return loopback;
  return resolve(name).catch(() => []);
}
