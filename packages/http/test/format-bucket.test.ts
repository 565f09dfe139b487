import assert from 'node:assert/strict';
import { formatBucket } from '@safelight/http';

const rows: readonly (readonly [accept: string | undefined, bucket: string])[] = [
  [undefined, 'other'],
  ['', 'other'],
  ['*/*', 'other'],
  ['image/*', 'other'],
  ['image/png,image/jxl', 'other'],
  ['image/avif', 'avif'],
  ['image/webp', 'webp'],
  ['image/webp,image/avif;q=0.1', 'avif'],
  ['image/avif,image/webp,image/apng,*/*;q=0.8', 'avif'],
  ['IMAGE/WebP', 'webp'],
  ['image/avif;q=0, image/webp', 'webp'],
  ['image/avif; q=0.000,image/webp;q=0', 'other'],
  ['image/avif;q=0.01', 'avif'],
  ['image/avifs, ximage/webp', 'other'],
];

describe('formatBucket', () => {
  for (const [accept, bucket] of rows) {
    it(`${JSON.stringify(accept)} is ${bucket}`, () => assert.equal(formatBucket(accept), bucket));
  }
});
