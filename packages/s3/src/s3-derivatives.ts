import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type CachedBytes, createDraft, type Derivatives } from '@safelight/core';
import {
  checkOptions,
  functionValue,
  numberValue,
  optionsValue,
  required,
  textValue,
  wholeValue,
} from '@safelight/protocol';
import { bucketOptions, placeRules, type S3Place } from './bucket-options.ts';
import { createByteCache } from './byte-cache.ts';
import { createBucket } from './create-bucket.ts';
import { derivativeKey } from './derivative-object.ts';
import { createDerivativeReads } from './derivative-reads.ts';
import { createSpoolFile } from './spool-file.ts';
import { storeDerivative } from './store-derivative.ts';
import { createSweeps } from './sweep-derivatives.ts';

export interface S3DerivativesOptions extends S3Place {
  /** Copies of large derivatives on the local disk, and drafts. */
  readonly cache: {
    /** The path of a folder, created at the first use. Give each process its own. */
    readonly directory: string;
    /** How many bytes the copies may take together. Drafts do not count. @default 1_073_741_824 (1 GiB) */
    readonly maxBytes?: number;
  };
  /**
   * How many bytes the derivatives may take together in the bucket, with 1024 bytes for each. Sweeps remove the oldest ones,
   * so there may be more between two sweeps.
   * @default 107_374_182_400 (100 GiB)
   */
  readonly maxBytes?: number;
  /** How many bytes of small derivatives that were used last are also held in memory. 0: none. @default 67_108_864 (64 MiB) */
  readonly hotBytes?: number;
  /**
   * The largest body that is held in memory, in bytes. A larger one is streamed from the bucket.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxHotEntryBytes?: number;
  /**
   * How often this process sweeps, in milliseconds. It also sweeps when it has written 5 % of `maxBytes`. `Infinity`: never,
   * because another process calls `sweep`.
   * @default 3_600_000 (1 hour)
   */
  readonly sweepEveryMs?: number;
  /** The ID of the bucket and the prefix in records: other derivatives with the same ID must be the same. @default their hash */
  readonly place?: string;
  /** Returns epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** Gets each error of the bucket and of the disk. Must not throw. @default does nothing */
  readonly onError?: (error: unknown) => void;
}

/** Derivatives in a bucket. */
export interface S3Derivatives extends Derivatives {
  /** Removes the oldest derivatives until the others fit into `maxBytes`. */
  sweep(): Promise<void>;
}

/**
 * Stores derivatives in a bucket that any number of machines share. Each is one object. Small derivatives that were used last
 * are also held in memory, and large ones on the local disk. Nothing in it needs a conditional PUT, so each S3 server is fit.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @throws {RangeError} when a number is out of range
 * @example
 * import { S3Client } from '@aws-sdk/client-s3';
 *
 * const settings = s3ClientSettings();
 * const client = new S3Client({ ...settings, region: 'eu-central-1' });
 * const cache = { directory: 'data/derivatives' };
 * const derivatives = s3Derivatives({ client, bucket: 'pictures', prefix: 'derivatives', cache, onError: console.error });
 */
export function s3Derivatives(given: S3DerivativesOptions): S3Derivatives {
  checkOptions<S3DerivativesOptions>('s3Derivatives()', given, {
    ...placeRules,
    cache: required(
      optionsValue<S3DerivativesOptions['cache']>({
        directory: required(textValue("the path of a folder, such as 'data/derivatives'")),
        maxBytes: wholeValue({ min: 0, unit: 'bytes' }),
      }),
    ),
    maxBytes: wholeValue({ min: 4096, unit: 'bytes' }),
    hotBytes: wholeValue({ min: 0, unit: 'bytes' }),
    maxHotEntryBytes: wholeValue({ min: 0, unit: 'bytes' }),
    sweepEveryMs: numberValue({ min: 1, unit: 'milliseconds' }),
    place: textValue('a text that is not empty'),
    clock: functionValue('Date.now'),
    onError: functionValue('console.error'),
  });
  const { maxBytes = 100 * 1024 ** 3, maxHotEntryBytes = 1024 ** 2, hotBytes = 64 * 1024 ** 2 } = given;
  const { sweepEveryMs = 3_600_000, clock = Date.now, onError = () => undefined } = given;
  const place = { ...bucketOptions(given), attempts: 2 };
  const bucket = createBucket(place);
  const directory = resolve(given.cache.directory);
  const temporary = join(directory, 'tmp');
  const cache = createByteCache({ directory, temporary, maxBytes: given.cache.maxBytes ?? 1024 ** 3, clock });
  const reads = createDerivativeReads({ bucket, cache, hotBytes, maxHotEntryBytes, onError });
  const sweeps = createSweeps(bucket, { maxBytes, sweepEveryMs, clock, onError });

  return {
    place: given.place ?? placeOf(place.bucket, place.prefix),
    open: (name): CachedBytes | undefined | Promise<CachedBytes | undefined> => reads.open(name),
    create() {
      return createDraft({
        memoryBytes: maxHotEntryBytes,
        openSink: () => createSpoolFile(temporary, maxBytes),
        async store(ended, head) {
          const stored = await storeDerivative({ bucket, cache, temporary, maxBytes, clock }, ended, head);
          reads.hold(stored);
          sweeps.wrote(stored.bytes);
          return stored.name;
        },
        onError,
      });
    },
    async remove(name) {
      const key = derivativeKey(name);
      if (key === undefined) return;
      reads.forget(name);
      await Promise.all([cache.remove(name), bucket.remove(key)]).catch(onError);
    },
    sweep: sweeps.sweep,
  };
}

function placeOf(bucket: string, prefix: string): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, prefix]))
    .digest('base64url')
    .slice(0, 16);
}
