import { S3Client } from '@aws-sdk/client-s3';
import { s3ClientSettings, s3Derivatives, s3Originals } from '@safelight/s3';

const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const client = new S3Client({
  ...s3ClientSettings(),
  endpoint: 'http://127.0.0.1:9',
  region: 'us-east-1',
  credentials,
});
const place = { client, bucket: 'pictures', cache: { directory: 's3' } };
const checked = await s3Originals(place)
  .check()
  .then(String, (error: Error) => error.message.slice(0, 47));
const errors: unknown[] = [];
const derivatives = s3Derivatives({ ...place, onError: (error) => errors.push(error) });
const opened = await derivatives.open('2026010100000000'.padEnd(32, '0'));
console.log(JSON.stringify({ checked, opened: opened ?? null, errors: errors.length }));
