import { kindOfValue, type OptionRule, optionsValue, required, wholeValue } from '@safelight/protocol';
import { parseListedHost } from './listed-hosts.ts';
import { parseSubnet } from './open-addresses.ts';

/** From where the `file` of an upload may be fetched when it is a URL, and the limits of this. */
export interface RemoteFilesOptions {
  /**
   * The hosts that files may be fetched from: `img.example.org`, `*.example.org` for all names below it, or `*` for all
   * hosts. Without a port, an entry means the ports 80 and 443. Another port must be named: `img.example.org:8443`.
   */
  readonly hosts: readonly string[];
  /**
   * Addresses and subnets that may be fetched from although they are not public, such as `10.1.2.3` or `fd00:1::/64`. A host
   * must also be in `hosts`.
   * @default none
   */
  readonly privateAddresses?: readonly string[];
  /** The maximum size of a fetched file in bytes; at most `maxUploadBytes`. @default `maxUploadBytes` */
  readonly maxBytes?: number;
  /** How long the whole fetch of a file may take, with its redirects, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** How long the other server may send no byte, in milliseconds. @default 10_000 */
  readonly maxIdleMs?: number;
  /** The maximum number of redirects. @default 3 */
  readonly maxRedirects?: number;
  /** The maximum number of files that are fetched at a time. A further call gets 503 with `Retry-After`. @default 50 */
  readonly maxConcurrent?: number;
}

export type RemoteFileLimits = Required<RemoteFilesOptions>;

/** The rule for the option `remoteFiles`. */
export const remoteFilesRule: OptionRule = optionsValue<RemoteFilesOptions>({
  hosts: required(
    listOf(
      "a list of hosts, such as ['img.example.org', '*.example.net', 'files.example.com:8443'], or ['*'] for all",
      {
        one: "a host, such as 'img.example.org', '*.example.org', 'img.example.org:8443' or '*'",
        isValid: (text) => parseListedHost(text) !== undefined,
      },
    ),
  ),
  privateAddresses: listOf("a list of addresses and subnets, such as ['10.1.2.3', 'fd00:1::/64']", {
    one: "an address or a subnet, such as '10.1.2.3' or 'fd00:1::/64'",
    isValid: (text) => parseSubnet(text) !== undefined,
  }),
  maxBytes: wholeValue({ min: 1, unit: 'bytes' }),
  // The longest time of a timer.
  timeoutMs: wholeValue({ min: 1, max: 2_147_483_647, unit: 'milliseconds' }),
  maxIdleMs: wholeValue({ min: 1, max: 2_147_483_647, unit: 'milliseconds' }),
  maxRedirects: wholeValue({ min: 0, max: 20 }),
  maxConcurrent: wholeValue({ min: 1 }),
});

/** Fills in the defaults. */
export function remoteFileLimits(options: RemoteFilesOptions, maxUploadBytes: number): RemoteFileLimits {
  const { hosts, privateAddresses = [], maxBytes = maxUploadBytes, maxConcurrent = 50 } = options;
  const { timeoutMs = 30_000, maxIdleMs = 10_000, maxRedirects = 3 } = options;
  return {
    ...{ hosts, privateAddresses, timeoutMs, maxIdleMs, maxRedirects, maxConcurrent },
    maxBytes: Math.min(maxBytes, maxUploadBytes),
  };
}

interface ItemRule {
  /** Completes the sentence "it must be …". */
  readonly one: string;
  readonly isValid: (text: string) => boolean;
}

function listOf(expected: string, { one, isValid }: ItemRule): OptionRule {
  return {
    expected,
    faultOf: (value) => (Array.isArray(value) ? undefined : kindOfValue(value)),
    check(where, items) {
      for (const [index, item] of (items as readonly unknown[]).entries()) {
        if (typeof item === 'string' && isValid(item)) continue;
        const shown = typeof item === 'string' ? JSON.stringify(item) : kindOfValue(item);
        throw new TypeError(`${where}[${index}] is ${shown}; it must be ${one}.`);
      }
    },
  };
}
