import { Command, Option } from 'commander';
import { formatDuration } from './duration.ts';
import { usageError } from './exit-code.ts';
import { cloudName, duration, megabytes, plainText, port, presetNames } from './flag-values.ts';
import type { ServeOptions } from './serve-options.ts';

interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly cacheMegabytes: number;
  readonly cloud: string;
  readonly apiKey?: string;
  readonly apiSecret?: string;
  readonly uploadPreset: readonly string[];
  readonly store?: string;
  readonly placeholder: string;
  readonly backoffFirst: number;
  readonly backoffMax: number;
  readonly transientFirst: number;
  readonly transientMax: number;
}

/** `safelight serve`: flags and environment, checked and handed to `start`. */
export function serveCommand(start: (options: Omit<ServeOptions, 'say'>) => Promise<void>): Command {
  return new Command('serve')
    .description('Serve delivery URLs, the upload API and the control routes of one cloud')
    .addOption(flag('--port <number>', 'port; 0 takes a free one').argParser(port).default(3000))
    .addOption(flag('--host <address>', 'address to listen on').argParser(plainText).default('127.0.0.1'))
    .addOption(
      flag('--data <folder>', 'folder of originals and cached derivatives')
        .argParser(plainText)
        .default('./.safelight'),
    )
    .addOption(
      flag('--cache-megabytes <number>', 'disk space for cached derivatives; 0 caches none')
        .argParser(megabytes)
        .default(1024),
    )
    .addOption(
      flag('--cloud <name>', 'cloud name, the first part of delivery URLs').argParser(cloudName).default('demo'),
    )
    .addOption(flag('--api-key <key>', 'for signed calls, with --api-secret').argParser(plainText))
    .addOption(flag('--api-secret <secret>', 'better given as SAFELIGHT_API_SECRET').argParser(plainText))
    .addOption(
      flag('--upload-preset <name>', 'allows unsigned uploads with it; repeatable')
        .argParser(presetNames)
        .default([], 'none'),
    )
    .addOption(flag('--store <url>', 'redis:// or rediss://, to share failures between processes').argParser(plainText))
    .addOption(flag('--placeholder <file>', 'image file, drawn or none').argParser(plainText).default('drawn'))
    .addOption(
      wait('--backoff-first <duration>', 'first wait after a permanent failure, such as a missing original', 60_000),
    )
    .addOption(wait('--backoff-max <duration>', 'longest of those waits', 24 * 3_600_000))
    .addOption(wait('--transient-first <duration>', 'first wait after a transient failure, such as a crash', 1000))
    .addOption(wait('--transient-max <duration>', 'longest of those waits', 5 * 60_000))
    .action((flags: ServeFlags) => start(toOptions(flags)));
}

/** Each flag is also a variable: `--backoff-first` is `SAFELIGHT_BACKOFF_FIRST`. The flag wins. */
function flag(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.env(`SAFELIGHT_${option.name().replaceAll('-', '_').toUpperCase()}`);
}

function wait(flags: string, description: string, defaultMs: number): Option {
  return flag(flags, description).argParser(duration).default(defaultMs, formatDuration(defaultMs));
}

/** @throws {CommandError} when flags do not fit together */
function toOptions(flags: ServeFlags): Omit<ServeOptions, 'say'> {
  const { backoffFirst, backoffMax, transientFirst, transientMax } = flags;
  // Commander makes '' of what a parser leaves undefined.
  const [apiKey, apiSecret, store] = [flags.apiKey, flags.apiSecret, flags.store].map((text) => text || undefined);
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
    cacheMegabytes: flags.cacheMegabytes,
    cloud: flags.cloud,
    apiKey,
    apiSecret,
    uploadPresets: flags.uploadPreset,
    store,
    placeholder: flags.placeholder,
    backoff: {
      permanent: { firstMs: backoffFirst, maxMs: backoffMax },
      transient: { firstMs: transientFirst, maxMs: transientMax },
    },
  };
}

function checkOrder(name: string, firstMs: number, maxMs: number): void {
  if (firstMs <= maxMs) return;
  throw usageError(
    `--${name}-first ${formatDuration(firstMs)} is longer than --${name}-max ${formatDuration(maxMs)}; the first wait is the shortest`,
  );
}
