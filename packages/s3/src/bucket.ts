import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Metadata, SentFile } from './put-file.ts';
import type { RequestLimits } from './requests.ts';

export interface ListedObject {
  /** Without the prefix of the bucket. */
  readonly key: string;
  readonly bytes: number;
  /** Epoch milliseconds, by the clock of the server. */
  readonly changedAt: number;
}

/** A part of an object, or all of it. */
export interface FetchedObject {
  readonly body: Buffer;
  /** The length of the whole object. */
  readonly totalBytes: number;
  readonly metadata: Metadata;
}

/** The objects below one prefix of a bucket. All keys are without the prefix. Each function rejects when its outcome is unknown. */
export interface Bucket {
  readonly name: string;
  readonly prefix: string;
  /** Reads an object, or its bytes from `start` to before `end`, into memory; `undefined` when it does not exist. */
  read(key: string, range?: ByteRange): Promise<FetchedObject | undefined>;
  /** Streams the bytes from `start` to before `end`. The request is sent at the first read. */
  stream(key: string, range: ByteRange): Readable;
  /** Writes an object. An object with this key is replaced. */
  write(key: string, body: Buffer, metadata?: Metadata): Promise<void>;
  /**
   * Creates an object exclusively. `'taken'`: another object has the key, and it is not this body. `'unclear'`: the key was
   * taken and is free again.
   * @throws {NoResponseError} when it is not known whether the object was created
   */
  create(key: string, body: Buffer): Promise<'created' | 'taken' | 'unclear'>;
  /** Writes a file as an object. An object with this key is replaced. */
  writeFile(key: string, file: SentFile, metadata?: Metadata): Promise<void>;
  /** Copies an object of at most 5 GiB; `false` when it does not exist. */
  copy(from: string, to: string): Promise<boolean>;
  /** The first keys with a prefix, in their order. */
  list(prefix: string, maxKeys?: number): Promise<readonly ListedObject[]>;
  /** All objects with a prefix, in the order of their keys, page by page. */
  pages(prefix: string): AsyncGenerator<readonly ListedObject[]>;
  /** Removes an object; does nothing when it does not exist. */
  remove(key: string): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface BucketOptions extends RequestLimits {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  /** The headers that make a PUT fail when the key is taken. */
  readonly createOnly: Readonly<Record<string, string>>;
  /** How often a request is sent when there is no definite response. @default 4 */
  readonly attempts?: number;
}
