import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { s3ClientSettings } from '@safelight/s3';
import type { S3Server } from './servers/ceph.ts';

export function clientOf({ endpoint, ...credentials }: S3Server): S3Client {
  return new S3Client({ ...s3ClientSettings(), endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
}

/** A new bucket of a server. */
export interface TestBucket {
  readonly server: S3Server;
  readonly client: S3Client;
  readonly bucket: string;
}

export async function newBucket(server: S3Server): Promise<TestBucket> {
  const client = clientOf(server);
  const bucket = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { server, client, bucket };
}

const directories: string[] = [];

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-s3-'));
  directories.push(directory);
  return directory;
}

export async function removeTemporaryDirectories(): Promise<void> {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
}
