import assert from 'node:assert/strict';
import { s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { hasSwift, swift } from './servers/swift.ts';

const cat = { resourceType: 'image', publicId: 'cat' } as const;

describe('Swift, which has no conditional PUT', () => {
  if (!hasSwift()) return missingService('no Swift is installed; install swift-{proxy,account,container,object}');
  let place: TestBucket;
  before(async function () {
    // Four processes of Python start.
    this.timeout(120_000);
    place = await newBucket(await swift());
  });
  after(removeTemporaryDirectories);

  it('is refused for originals, at the check and at the first change', async () => {
    const { client, bucket } = place;
    const originals = s3Originals({ client, bucket, cache: { directory: await temporaryDirectory() } });
    const refusal = { name: 'UnfitBucketError', message: /8 failed with 501 \w+\. Exactly one must succeed/ };
    await assert.rejects(originals.check(), refusal);
    await assert.rejects(originals.destroy(cat), refusal);
  });
});
