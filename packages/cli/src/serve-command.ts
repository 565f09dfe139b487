import { Command, type Option } from 'commander';
import { flag } from './command-flag.ts';
import type { DrainTimes } from './drain.ts';
import { type DrainFlags, drainFlags, drainTimesOf } from './drain-flags.ts';
import { formatDuration } from './duration.ts';
import { usageError } from './exit-code.ts';
import { cloudName, duration, megabytes, plainText, port, versionCount } from './flag-values.ts';
import { bucketFlags, uploadFlags } from './serve-flags.ts';
import type { ServeOptions } from './serve-options.ts';

interface ServeFlags extends DrainFlags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly originals?: string;
  readonly derivatives?: string;
  readonly s3Endpoint?: string;
  readonly cacheMegabytes: number;
  readonly keepVersions: number;
  readonly index?: 'embedded' | 'none';
  readonly cloud: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly uploadPreset: readonly string[];
  readonly remoteFiles: readonly string[];
  readonly remoteAddresses: readonly string[];
  readonly deliveryOrigin?: string;
  readonly trustProxy?: string;
  readonly store?: string;
  readonly placeholder: string;
  readonly transformations?: string;
  readonly backoffFirst: number;
  readonly backoffMax: number;
  readonly transientFirst: number;
  readonly transientMax: number;
}

/** Creates `safelight serve`. It checks flags and environment, then calls `start`. */
export function serveCommand(start: (options: Omit<ServeOptions, 'say'>, drain: DrainTimes) => Promise<void>): Command {
  const command = new Command('serve')
    .description('Serve delivery URLs, the upload API and the control routes of one cloud')
    .addOption(flag('--port <number>', 'port to listen on; 0 takes any free port').argParser(port).default(3000))
    .addOption(flag('--host <address>', 'address to listen on').argParser(plainText).default('127.0.0.1'))
    .addOption(
      flag('--data <folder>', 'folder of originals and cached derivatives')
        .argParser(plainText)
        .default('./.safelight'),
    )
    .addOption(
      flag('--cache-megabytes <number>', 'space for cached derivatives; 0 turns caching off')
        .argParser(megabytes)
        .default(1024),
    )
    .addOption(
      flag('--keep-versions <number>', 'older versions of an original that stay deliverable and can be restored')
        .argParser(versionCount)
        .default(3),
    )
    .addOption(
      flag('--index <kind>', 'index of assets, for lists and searches: embedded is a file for one process')
        .choices(['embedded', 'none'])
        .default(undefined, 'embedded; none with --store or --originals'),
    )
    .addOption(
      flag('--cloud <name>', 'cloud name, the first part of delivery URLs').argParser(cloudName).default('demo'),
    )
    .addOption(flag('--api-key <key>', 'key for signed calls; needs --api-secret').argParser(plainText))
    .addOption(
      flag(
        '--api-secret <secret>',
        'secret of the key; give it as SAFELIGHT_API_SECRET, since other users can see arguments',
      ).argParser(plainText),
    );
  for (const option of [...bucketFlags(), ...uploadFlags()]) command.addOption(option);
  command
    .addOption(
      flag('--store <url>', 'redis:// or rediss:// URL, to share failures between processes').argParser(plainText),
    )
    .addOption(
      flag('--placeholder <file>', 'placeholder for missing pictures: an image file, drawn or none')
        .argParser(plainText)
        .default('drawn'),
    );
  addMore(command);
  for (const option of drainFlags()) command.addOption(option);
  return command.action((flags: ServeFlags) => start(toOptions(flags), drainTimesOf(flags)));
}

/** The options of what is made, and of how long failures are held. */
function addMore(command: Command): Command {
  return command
    .addOption(namedTransformations())
    .addOption(
      wait('--backoff-first <duration>', 'first wait after a permanent failure, such as a missing original', 60_000),
    )
    .addOption(wait('--backoff-max <duration>', 'longest wait after a permanent failure', 24 * 3_600_000))
    .addOption(
      wait('--transient-first <duration>', 'first wait after a transient failure, such as a crash or a timeout', 1000),
    )
    .addOption(wait('--transient-max <duration>', 'longest wait after a transient failure', 5 * 60_000));
}

function namedTransformations(): Option {
  const description = 'JSON file with named transformations, such as { "thumb": "c_fill,h_100,w_100" }';
  return flag('--transformations <file>', description).argParser(plainText);
}

function wait(flags: string, description: string, defaultMs: number): Option {
  return flag(flags, description).argParser(duration).default(defaultMs, formatDuration(defaultMs));
}

/** @throws {CommandError} when two flags contradict each other */
function toOptions(flags: ServeFlags): Omit<ServeOptions, 'say'> {
  const { backoffFirst, backoffMax, transientFirst, transientMax } = flags;
  // Commander turns an undefined value from a parser into ''.
  const [apiKey, apiSecret, store] = [flags.apiKey, flags.apiSecret, flags.store].map((text) => text || undefined);
  const deliveryOrigin = flags.deliveryOrigin || undefined;
  const trustProxy = flags.trustProxy || undefined;
  const transformations = flags.transformations || undefined;
  const [originals, derivatives] = [flags.originals || undefined, flags.derivatives || undefined];
  if ((apiKey === undefined) !== (apiSecret === undefined)) {
    const missing = apiKey === undefined ? '--api-key' : '--api-secret';
    throw usageError(`${missing} is missing; --api-key and --api-secret belong together`);
  }
  checkOrder('backoff', backoffFirst, backoffMax);
  checkOrder('transient', transientFirst, transientMax);
  return {
    port: flags.port,
    host: flags.host,
    data: flags.data,
    originals,
    derivatives,
    s3Endpoint: flags.s3Endpoint || undefined,
    cacheMegabytes: flags.cacheMegabytes,
    keepVersions: flags.keepVersions,
    // With a shared store or a bucket other processes may use the originals, and the embedded index belongs to one process.
    index: flags.index ?? (store === undefined && originals === undefined ? 'embedded' : 'none'),
    cloud: flags.cloud,
    apiKey,
    apiSecret,
    uploadPresets: flags.uploadPreset,
    remoteFiles: remoteFilesOf(flags),
    deliveryOrigin,
    trustProxy,
    store,
    placeholder: flags.placeholder,
    transformations,
    backoff: {
      permanent: { firstMs: backoffFirst, maxMs: backoffMax },
      transient: { firstMs: transientFirst, maxMs: transientMax },
    },
  };
}

/** @throws {CommandError} when there are addresses without hosts */
function remoteFilesOf({ remoteFiles: hosts, remoteAddresses }: ServeFlags): ServeOptions['remoteFiles'] {
  if (hosts.length > 0) return { hosts, privateAddresses: remoteAddresses };
  if (remoteAddresses.length > 0) throw usageError('--remote-files is missing; --remote-addresses needs its hosts');
  return undefined;
}

function checkOrder(name: string, firstMs: number, maxMs: number): void {
  if (firstMs <= maxMs) return;
  throw usageError(
    `--${name}-first ${formatDuration(firstMs)} is longer than --${name}-max ${formatDuration(maxMs)}; the first wait must not be longer than the longest`,
  );
}
