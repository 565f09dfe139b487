import type { S3Client } from '@aws-sdk/client-s3';
import { type OptionRule, portValue, required, stringValue, textValue, wholeValue } from '@safelight/protocol';
import type { BucketOptions } from './bucket.ts';

/** Where objects are, and how long requests may take. */
export interface S3Place {
  /** A client with {@link s3ClientSettings}. It is not closed by Safelight. */
  readonly client: S3Client;
  /** The name of the bucket. It must exist. */
  readonly bucket: string;
  /** All keys begin with this text and `/`. @default '' (no prefix) */
  readonly prefix?: string;
  /** The longest wait for the head of a response, in milliseconds. Then the request is sent again. @default 5000 */
  readonly firstByteMs?: number;
  /** The longest silence while a body is sent or received, in milliseconds. @default 10_000 */
  readonly idleMs?: number;
}

export const placeRules: Readonly<Record<keyof S3Place, OptionRule>> = {
  client: required(portValue('an S3Client of @aws-sdk/client-s3', ['send'])),
  bucket: required(textValue('the name of a bucket')),
  prefix: stringValue,
  firstByteMs: wholeValue({ min: 1, unit: 'milliseconds' }),
  idleMs: wholeValue({ min: 1, unit: 'milliseconds' }),
};

export function bucketOptions(
  { client, bucket, prefix = '', firstByteMs = 5000, idleMs = 10_000 }: S3Place,
  createOnly: Readonly<Record<string, string>> = { 'if-none-match': '*' },
): BucketOptions {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return { client, bucket, prefix: folder, firstByteMs, idleMs, createOnly };
}
