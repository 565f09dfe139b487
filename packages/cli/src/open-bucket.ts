import { join } from 'node:path';
import type { Derivatives, Originals } from '@safelight/core';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { failure, usageError } from './exit-code.ts';
import type { ServeOptions } from './serve-options.ts';

const sdk = '@aws-sdk/client-s3';

/** A bucket and a prefix, as `s3://bucket/prefix` names them. */
interface BucketPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** Whether the originals are in a bucket, which other machines may also use. */
export function isInBucket(place: string | undefined): boolean {
  return place?.startsWith('s3://') === true;
}

/**
 * Opens the originals: in a bucket with `--originals`, otherwise as files of the data folder.
 * @throws {CommandError} when they cannot be used: the bucket is not fit or cannot be reached, this release cannot read the
 *   folder, or this process may not read it
 */
export async function openPublished(options: ServeOptions): Promise<Originals> {
  const { data, keepVersions: maxVersions, originals: url } = options;
  if (url === undefined) return openFiles(options);
  const place = readBucketUrl('--originals', url);
  const { s3Originals, client } = await openClient('--originals', options);
  const cache = { directory: join(data, 'cache', 'originals') };
  try {
    const originals = s3Originals({ client, ...place, cache, maxVersions });
    await originals.check();
    return originals;
  } catch (error) {
    const { name, message } = error as Error;
    const isMistake = ['UnfitBucketError', 'RangeError'].includes(name);
    throw isMistake ? usageError(`--originals: ${message}`, error) : failure(`--originals: ${message}`, error);
  }
}

/**
 * Opens the cached derivatives: in a bucket or a folder with `--derivatives`, otherwise in the data folder.
 * @throws {CommandError} when the URL has another form, or the client for S3 is not installed
 */
export async function openDerivatives(options: ServeOptions, onError: (error: unknown) => void): Promise<Derivatives> {
  const { data, cacheMegabytes, derivatives: place } = options;
  const maxBytes = cacheMegabytes * 1024 ** 2;
  if (place === undefined || !isInBucket(place)) {
    return fileDerivatives({ directory: place ?? join(data, 'derivatives'), maxBytes, onError });
  }
  const inBucket = readBucketUrl('--derivatives', place);
  const { s3Derivatives, client } = await openClient('--derivatives', options);
  return s3Derivatives({
    client,
    ...inBucket,
    cache: { directory: join(data, 'cache', 'derivatives') },
    maxBytes,
    onError,
  });
}

function openFiles({ data, keepVersions }: ServeOptions): Originals {
  try {
    return fileOriginals({ directory: join(data, 'originals'), maxVersions: keepVersions });
  } catch (error) {
    const { message, cause } = error as Error;
    const refusal = `--data ${data} cannot be used: ${message}`;
    throw cause === undefined ? usageError(refusal, error) : failure(refusal, error);
  }
}

/** Reads `s3://bucket/prefix`. The message does not repeat the text, which may have a secret in it. */
function readBucketUrl(flag: string, text: string): BucketPlace {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,62})(?:\/([\w./-]*))?$/i.exec(text) ?? [];
  if (bucket === undefined) {
    throw usageError(
      `${flag} must be s3://bucket/prefix: a name, then letters, digits, "_", "-", "." and "/". Give credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  return { bucket, prefix };
}

/**
 * Loads what buckets need, and creates a client. Region and credentials come from where the SDK of AWS finds them, such as
 * `AWS_REGION` and `AWS_ACCESS_KEY_ID`. Most servers have no bucket, so the SDK is an optional peer dependency.
 * @throws {CommandError} when it is not installed
 */
async function openClient(flag: string, { s3Endpoint: endpoint }: ServeOptions) {
  try {
    const [{ S3Client }, { s3ClientSettings, ...s3 }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@safelight/s3'),
    ]);
    // Servers with an endpoint of their own have mostly no regions, and no host names for their buckets.
    const region = process.env['AWS_REGION'] ?? 'us-east-1';
    const own = endpoint === undefined ? {} : { endpoint, region, forcePathStyle: true };
    return { ...s3, client: new S3Client({ ...s3ClientSettings(), ...own }) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${sdk}'`)) throw error;
    throw failure(`${flag} needs the package ${sdk}, which is not installed; run: npm install ${sdk}`, error);
  }
}
