/** One entry of a list of hosts. */
interface ListedHost {
  isMatch(hostname: string, port: number): boolean;
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const entryPattern = /^(\*\.)?([^/?#@\\\s*:[\]]+|\[[\da-f:.]+\]|\*)(?::(\d{1,5}))?$/i;

/**
 * Reads `img.example.org`, `*.example.org` or `*`, each with a port or without one.
 *
 * @returns `undefined` when the text is not such an entry
 */
export function parseListedHost(text: string): ListedHost | undefined {
  const [, wildcard, name = '', portText] = entryPattern.exec(text) ?? [];
  const port = portText === undefined ? undefined : Number(portText);
  if (name === '' || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  const isPort = (asked: number) => (port === undefined ? asked === 80 || asked === 443 : asked === port);
  if (name === '*') return wildcard === undefined ? { isMatch: (_, asked) => isPort(asked) } : undefined;
  if (!URL.canParse(`http://${name}/`)) return undefined;
  const host = hostnameOf(new URL(`http://${name}/`));
  const isHost = (asked: string) => (wildcard === undefined ? asked === host : asked.endsWith(`.${host}`));
  return { isMatch: (asked, askedPort) => isHost(asked) && isPort(askedPort) };
}

/**
 * Returns a function that says whether files may be fetched from the host and the port of a URL. By default, a host has the
 * ports 80 and 443: on other ports there may be services that are not for HTTP, or not for all.
 *
 * @param hosts - entries that `parseListedHost` can read
 */
export function listedHosts(hosts: readonly string[]): (url: URL) => boolean {
  const entries = hosts.map(parseListedHost).filter((entry) => entry !== undefined);
  return (url) => {
    const hostname = hostnameOf(url);
    const port = url.port === '' ? (defaultPorts[url.protocol] ?? 0) : Number(url.port);
    return entries.some((entry) => entry.isMatch(hostname, port));
  };
}

/** The URL parser has made it lower case, and the usual spelling of an address. `example.org.` is the same host. */
function hostnameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '');
}
