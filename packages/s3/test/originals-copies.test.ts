import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Original } from '@safelight/core';
import { type S3Originals, type S3OriginalsOptions, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';

describe('copies of originals on the local disk', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let place: TestBucket;
  let directory: string;
  let prefix: string;
  let now: number;
  before(async function () {
    this.timeout(60_000);
    place = await newBucket(await ceph());
  });
  beforeEach(async () => {
    directory = await temporaryDirectory();
    prefix = randomUUID();
    now = Date.UTC(2026, 0, 1);
  });
  after(removeTemporaryDirectories);

  function create(maxBytes = 2500, options: Partial<S3OriginalsOptions> = {}): S3Originals {
    const { client, bucket } = place;
    return s3Originals({ client, bucket, prefix, cache: { directory, maxBytes }, clock: () => now, ...options });
  }

  async function upload(originals: S3Originals, publicId: string): Promise<Original> {
    const chunks = (async function* () {
      yield Buffer.alloc(1000, publicId);
    })();
    const received = await originals.receive(chunks, { maxBytes: 1e6 });
    return originals.publish(received, { resourceType: 'image', publicId, format: 'jpg' });
  }

  const find = (originals: S3Originals, publicId: string) => originals.find({ resourceType: 'image', publicId });
  const copied = async () => (await readdir(directory)).filter((name) => name !== 'tmp').length;

  it('make room for new ones: the least recently used one goes, but not one that was just used', async () => {
    const originals = create();
    for (const publicId of ['a', 'b']) {
      await upload(originals, publicId);
      now += 10_000;
    }
    assert.equal((await upload(originals, 'c')).localPath, undefined, 'a and b were used within 30 s');
    assert.equal(await (await find(originals, 'c'))?.toFile?.(), undefined);
    assert.equal((await (await find(originals, 'c'))?.bytesOf())?.length, 1000);
    now += 25_000;
    await find(originals, 'a');
    now += 10_000;
    assert.notEqual(await (await find(originals, 'c'))?.toFile?.(), undefined);
    assert.equal(await copied(), 2);
    const paths = await Promise.all(['a', 'b', 'c'].map(async (id) => (await find(originals, id))?.localPath));
    assert.deepEqual(
      paths.map((path) => path !== undefined),
      [true, false, true],
    );
    assert.deepEqual(await readdir(join(directory, 'tmp')), []);
  });

  it('survive a restart; a damaged one is fetched again, and leftovers are removed', async () => {
    const { localPath = '' } = await upload(create(), 'a');
    await writeFile(join(directory, 'tmp', 'left.received'), 'x');
    await utimes(join(directory, 'tmp', 'left.received'), 1, 1);
    assert.equal((await find(create(), 'a'))?.localPath, localPath);
    assert.deepEqual(await readdir(join(directory, 'tmp')), []);
    await writeFile(localPath, 'short');
    const found = await find(create(), 'a');
    assert.equal(found?.localPath, undefined);
    assert.equal(await found?.toFile?.(), localPath);
    assert.equal((await stat(localPath)).size, 1000);
  });
});
