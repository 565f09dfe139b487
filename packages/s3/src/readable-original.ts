import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Original } from '@safelight/core';
import { assetFolder, bytesKey } from './asset-entry.ts';
import type { StoredVersion } from './asset-state.ts';
import type { Bucket } from './bucket.ts';
import type { ByteCache } from './byte-cache.ts';
import { NoResponseError } from './requests.ts';

const maxLoads = 3;

/** Gives a version functions that read its bytes, from the copy on this disk or from the bucket. */
export async function readableOriginal(
  { bucket, cache }: { readonly bucket: Bucket; readonly cache: ByteCache },
  { record, bytesId }: StoredVersion,
): Promise<Original> {
  const { bytes } = record;
  const key = bytesKey(assetFolder(record), bytesId);

  async function load(path: string): Promise<void> {
    for (let loads = 1; ; loads += 1) {
      try {
        await pipeline(bucket.stream(key, { start: 0, end: bytes }), createWriteStream(path));
        return;
      } catch (error) {
        // A body that broke off may be fetched again. What `stream` itself has repeated is not.
        const { code } = Object(error) as { readonly code?: unknown };
        if (loads >= maxLoads || error instanceof NoResponseError || code === 'ENOSPC') throw error;
      }
    }
  }

  const toFile = () => cache.fetch(bytesId, bytes, load);
  return {
    ...record,
    localPath: await cache.find(bytesId, bytes),
    toFile,
    stream: (start = 0, end = bytes) => {
      const range = { start: Math.max(0, start), end: Math.min(bytes, end) };
      return bucket.stream(key, range);
    },
    async bytesOf() {
      const path = await toFile();
      if (path !== undefined) return readFile(path);
      return Buffer.concat(await bucket.stream(key, { start: 0, end: bytes }).toArray(), bytes);
    },
  };
}
