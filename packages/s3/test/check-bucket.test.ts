import assert from 'node:assert/strict';
import { S3Client } from '@aws-sdk/client-s3';
import { type S3OriginalsOptions, s3ClientSettings, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { clientOf, newBucket, removeTemporaryDirectories, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph, type S3Server } from './servers/ceph.ts';

describe('the check of a bucket for originals', () => {
  if (!hasCeph()) return missingService(missingCeph);
  before(async function () {
    this.timeout(60_000);
    await ceph();
  });
  after(removeTemporaryDirectories);

  async function originalsOf(server: S3Server, options: Partial<S3OriginalsOptions> = {}) {
    const { client, bucket } = await newBucket(server);
    return s3Originals({ client, bucket, cache: { directory: await temporaryDirectory() }, ...options });
  }

  it('accepts a server that creates objects exclusively', async () => {
    await (await originalsOf(await ceph())).check();
  });

  it('refuses a server that ignores the condition, and says what was seen', async () => {
    const originals = await originalsOf(await ceph(), { createOnly: { 'x-unknown': '0' } });
    await assert.rejects(originals.check(), {
      name: 'UnfitBucketError',
      message:
        /^The bucket "test-[^"]+" cannot hold originals: of 8 exclusive PUTs of one new key, 8 succeeded, 0 were refused with 412\. .*"x-unknown: 0"\. Use AWS S3/,
    });
  });

  it('refuses a client that would send checksums inside of bodies', async () => {
    const { endpoint, ...credentials } = await ceph();
    const settings = { ...s3ClientSettings(), requestChecksumCalculation: 'WHEN_SUPPORTED' } as const;
    const client = new S3Client({ ...settings, endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    const originals = await originalsOf(await ceph(), { client });
    await assert.rejects(originals.check(), /requestChecksumCalculation: 'WHEN_REQUIRED'/);
  });

  it('says that a bucket is missing, or that the keys are wrong', async () => {
    const server = await ceph();
    const missing = await originalsOf(server, { bucket: 'no-such-bucket' });
    await assert.rejects(missing.check(), /could not be checked: .* 8 failed with 404 NoSuchBucket/);
    await assert.rejects(missing.find({ resourceType: 'image', publicId: 'cat' }), { name: 'NoSuchBucket' });
    const wrong = await originalsOf(server, { client: clientOf({ ...server, secretAccessKey: 'wrong' }) });
    await assert.rejects(wrong.check(), (error: Error) => {
      assert.match(error.message, /8 failed with 403 SignatureDoesNotMatch/);
      assert.doesNotMatch(error.message, /wrong|testing/);
      return true;
    });
  });
});
