import { randomUUID } from 'node:crypto';
import { originalsConformance } from '@safelight/originals/conformance';
import { s3Originals } from '@safelight/s3';
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

  originalsConformance({
    describe,
    it,
    create: async (options) => {
      const { client, bucket } = place;
      const prefix = randomUUID();
      const create = async () => {
        return s3Originals({ client, bucket, prefix, cache: { directory: await temporaryDirectory() }, ...options });
      };
      return { originals: await create(), elsewhere: await create() };
    },
  });
});
