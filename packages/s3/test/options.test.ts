import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import {
  type S3DerivativesOptions,
  type S3OriginalsOptions,
  s3ClientSettings,
  s3Derivatives,
  s3Originals,
} from '@safelight/s3';

const client = new S3Client({ ...s3ClientSettings(), region: 'us-east-1' });
const cache = { directory: 'cache' };

describe('options of buckets', () => {
  for (const [wrong, message] of [
    [{ client: undefined }, /client is undefined; it must be an S3Client/],
    [{ bucket: '' }, /bucket is .*; it must be the name of a bucket/],
    [{ cache: undefined }, /cache is undefined; it must be an object with directory and maxBytes/],
    [{ cache: { directory: '' } }, /cache\.?.*directory is/],
    [{ firstByteMs: 0 }, /firstByteMs is 0/],
    [{ bukket: 'pictures' }, /has no option "?bukket/],
  ] as const) {
    it(`are refused: ${inspect(wrong)}`, () => {
      const options = { client, bucket: 'pictures', cache, ...wrong };
      assert.throws(() => s3Originals(options as unknown as S3OriginalsOptions), { message });
      assert.throws(() => s3Derivatives(options as unknown as S3DerivativesOptions), { message });
    });
  }

  it('refuse more than 100 older versions, since each change writes the list of all', () => {
    assert.throws(() => s3Originals({ client, bucket: 'pictures', cache, maxVersions: 101 }), {
      name: 'RangeError',
      message: /maxVersions is 101; it must be a whole number from 0 to 100/,
    });
  });
});
