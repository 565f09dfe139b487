import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { derivativesConformance } from '@safelight/originals/conformance';
import { s3Derivatives, s3Originals } from '@safelight/s3';
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

  describe('can hold derivatives', () => {
    derivativesConformance({
      describe,
      it,
      evicts: 'at sweeps',
      create: async ({ maxBytes }) => {
        const { client, bucket } = place;
        const prefix = randomUUID();
        const create = async () => {
          const cache = { directory: await temporaryDirectory() };
          const limits = { maxBytes, hotBytes: 0, maxHotEntryBytes: 65_536, sweepEveryMs: Number.POSITIVE_INFINITY };
          return s3Derivatives({ client, bucket, prefix, cache, ...limits });
        };
        const derivatives = await create();
        return { derivatives, elsewhere: await create(), sweep: derivatives.sweep };
      },
    });
  });
});
