import type { S3ClientConfig } from '@aws-sdk/client-s3';

const ignore = (): void => undefined;
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * Settings for `new S3Client()`, which you complete with region, endpoint and credentials:
 *
 * - A connection must be there after 1 s. Safelight sets the other limits of time itself, for each request.
 * - One attempt: Safelight repeats requests itself, because it must know whether a lost response may have created an object.
 * - `requestChecksumCalculation: 'WHEN_REQUIRED'`: with the default of the SDK, some servers refuse streams, and some store
 *   the framing of the checksum inside the object. Safelight sends `Content-MD5` instead.
 * - No log: the SDK would warn at each request that Safelight sends again.
 * - 256 connections: a large file that is being delivered holds one.
 *
 * @example
 * import { S3Client } from '@aws-sdk/client-s3';
 *
 * const settings = s3ClientSettings();
 * const client = new S3Client({ ...settings, region: 'eu-central-1' });
 */
export function s3ClientSettings(): S3ClientConfig {
  const agent = { keepAlive: true, maxSockets: 256 };
  return {
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: silent,
    requestHandler: { connectionTimeout: 1000, httpAgent: agent, httpsAgent: agent },
  };
}
