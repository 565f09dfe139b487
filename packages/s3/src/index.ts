export type { S3Place } from './bucket-options.ts';
export { UnfitBucketError } from './check-bucket.ts';
export { s3ClientSettings } from './s3-client-settings.ts';
export { type S3Originals, type S3OriginalsOptions, s3Originals } from './s3-originals.ts';
