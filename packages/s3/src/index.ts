export type { S3Place } from './bucket-options.ts';
export { UnfitBucketError } from './check-bucket.ts';
export { s3ClientSettings } from './s3-client-settings.ts';
export { type S3Derivatives, type S3DerivativesOptions, s3Derivatives } from './s3-derivatives.ts';
export { type S3Originals, type S3OriginalsOptions, s3Originals } from './s3-originals.ts';
