import { randomUUID } from 'node:crypto';
import { originalsConformance, unfinishedUploadsConformance } from '@safelight/originals/conformance';
import { type S3Originals, type S3OriginalsOptions, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';

describe('s3Originals on Ceph', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let place: TestBucket;
  before(async function () {
    this.timeout(60_000);
    place = await newBucket(await ceph());
  });
  after(removeTemporaryDirectories);

  async function create(prefix: string, options: Partial<S3OriginalsOptions> = {}): Promise<S3Originals> {
    const { client, bucket } = place;
    return s3Originals({ client, bucket, prefix, cache: { directory: await temporaryDirectory() }, ...options });
  }

  originalsConformance({
    describe,
    it,
    create: async (options) => {
      const prefix = randomUUID();
      return { originals: await create(prefix, options), elsewhere: await create(prefix, options) };
    },
  });

  describe('with unfinished uploads', () => {
    unfinishedUploadsConformance({
      describe,
      it,
      create: async () => {
        const prefix = randomUUID();
        return { originals: await create(prefix), elsewhere: await create(prefix) };
      },
    });
  });
});
