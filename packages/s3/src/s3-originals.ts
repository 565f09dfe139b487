import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Original, Originals } from '@safelight/core';
import {
  anyValue,
  checkOptions,
  functionValue,
  optionsValue,
  required,
  textValue,
  wholeValue,
} from '@safelight/protocol';
import { createAssetLog } from './asset-log.ts';
import { type StoredVersion, versionOf } from './asset-state.ts';
import { bucketOptions, placeRules, type S3Place } from './bucket-options.ts';
import { createByteCache } from './byte-cache.ts';
import { changesOfAssets } from './changes-of-assets.ts';
import { checkExclusivePuts } from './check-bucket.ts';
import { createBucket } from './create-bucket.ts';
import { listAssets } from './list-assets.ts';
import { publishFile } from './publish-file.ts';
import { readableOriginal } from './readable-original.ts';
import { receiveFile } from './receive-file.ts';
import { s3UnfinishedUploads } from './s3-unfinished-uploads.ts';

export interface S3OriginalsOptions extends S3Place {
  /** Copies of originals on the local disk, so that handlers can open them as files. */
  readonly cache: {
    /**
     * The path of a folder, created at the first use. Give each process its own: another process would not know which
     * copies are in use.
     */
    readonly directory: string;
    /** How many bytes the copies may take together. Files that are being received do not count. @default 10 GiB */
    readonly maxBytes?: number;
  };
  /** How many older versions stay deliverable beside the current one. 0: only the current one. At most 100. @default 3 */
  readonly maxVersions?: number;
  /**
   * The headers with which a PUT fails if the key is taken: for Google Cloud Storage `{ 'x-goog-if-generation-match': '0' }`,
   * for Alibaba OSS `{ 'x-oss-forbid-overwrite': 'true' }`.
   * @default { 'if-none-match': '*' }
   */
  readonly createOnly?: Readonly<Record<string, string>>;
  /** Returns epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

/** Originals in a bucket. */
export interface S3Originals extends Originals {
  /**
   * Checks that the server creates objects exclusively. Call it at the start, to refuse to start. Without this call, the
   * first change does it.
   * @throws {UnfitBucketError} when the server does not; the message says what was seen
   */
  check(): Promise<void>;
}

/**
 * Stores originals and their versions in a bucket of AWS S3, Cloudflare R2 or Ceph. Any number of machines may share it.
 *
 * Each asset has a log of small immutable objects, which are created exclusively, and each has the whole state of the asset.
 * There is no lock and no pointer, so a process may be killed at any point, and a repeated request has no further effect.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @throws {RangeError} when a number is out of range
 * @example
 * import { S3Client } from '@aws-sdk/client-s3';
 *
 * const settings = s3ClientSettings();
 * const client = new S3Client({ ...settings, region: 'eu-central-1' });
 * const cache = { directory: 'data/cache', maxBytes: 20 * 1024 ** 3 };
 * const originals = s3Originals({ client, bucket: 'pictures', prefix: 'originals', cache });
 * await originals.check();
 */
export function s3Originals(given: S3OriginalsOptions): S3Originals {
  checkOptions<S3OriginalsOptions>('s3Originals()', given, {
    ...placeRules,
    cache: required(
      optionsValue<S3OriginalsOptions['cache']>({
        directory: required(textValue("the path of a folder, such as 'data/cache'")),
        maxBytes: wholeValue({ min: 0, unit: 'bytes' }),
      }),
    ),
    maxVersions: wholeValue({ min: 0, max: 100 }),
    createOnly: anyValue,
    clock: functionValue('Date.now'),
  });
  const { cache: cached, maxVersions = 3, createOnly, clock = Date.now } = given;
  const options = bucketOptions(given, createOnly);
  const bucket = createBucket(options);
  const log = createAssetLog(bucket);
  const directory = resolve(cached.directory);
  const temporary = join(directory, 'tmp');
  const cache = createByteCache({ directory, temporary, maxBytes: cached.maxBytes ?? 10 * 1024 ** 3, clock });
  const check = once(() => checkExclusivePuts(options));

  const readable = (stored: StoredVersion): Promise<Original> => readableOriginal({ bucket, cache }, stored);

  return {
    check,
    async find(asset, version) {
      const stored = versionOf((await log.read(asset)).state, version);
      return stored && readable(stored);
    },
    async receive(source, limits) {
      await mkdir(temporary, { recursive: true });
      return receiveFile(temporary, source, limits);
    },
    async publish(received, facts) {
      await check();
      return readable(await publishFile({ bucket, log, cache, maxVersions, clock }, received, facts));
    },
    ...changesOfAssets({ bucket, log, maxVersions, clock, check, readable }),
    list: () => listAssets(bucket, log),
    unfinished: s3UnfinishedUploads(bucket, check),
  };
}

/** Calls a function until it has succeeded once. Calls at the same time share one. */
function once(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= task().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}
