import { stat } from 'node:fs/promises';
import type { PublishedFacts, ReceivedBytes } from '@safelight/core';
import { assetFolder, bytesKey } from './asset-entry.ts';
import type { AssetLog } from './asset-log.ts';
import { assetIdIn, newId, nextVersion, type StoredVersion, withVersion } from './asset-state.ts';
import type { Bucket } from './bucket.ts';
import type { ByteCache } from './byte-cache.ts';

export interface PublishPlace {
  readonly bucket: Bucket;
  readonly log: AssetLog;
  readonly cache: ByteCache;
  readonly maxVersions: number;
  readonly clock: () => number;
}

/** Bytes without a version are removed after a day. A process that stalled for so long sends them again. */
const maxStallMs = 60 * 60 * 1000;

/** Sends the bytes under a random name, then publishes the version that has this name. */
export async function publishFile(
  { bucket, log, cache, maxVersions, clock }: PublishPlace,
  { bytes, etag, localPath: path }: ReceivedBytes,
  facts: PublishedFacts,
): Promise<StoredVersion> {
  await expectFile(path, bytes, facts.publicId);
  const createdAt = clock();
  const startedAt = performance.now();
  const bytesId = newId();
  await bucket.writeFile(bytesKey(assetFolder(facts), bytesId), { path, bytes, etag });
  let published: StoredVersion | undefined;
  // If this rejects, the change may still have been made. So the bytes stay.
  await log.change(facts, (state) => {
    if (performance.now() - startedAt > maxStallMs) {
      throw new Error(`Publishing "${facts.publicId}" took more than an hour. Publish it again.`);
    }
    const version = nextVersion(state, clock());
    const record = { ...facts, version, assetId: assetIdIn(state), versionId: newId(), bytes, etag, createdAt };
    published = { record, bytesId };
    return withVersion(state, published, maxVersions);
  });
  await cache.adopt(bytesId, bytes, path);
  if (published === undefined) throw new Error('unreachable: the change was made without a version');
  return published;
}

async function expectFile(path: string, bytes: number, publicId: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.size === bytes) return;
  throw new Error(
    `The received bytes of "${publicId}" are not at ${path} any more. They can be published once, and not after discard(). Receive them again.`,
  );
}
