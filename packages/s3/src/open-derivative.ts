import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type CachedBytes, cachedInMemory } from '@safelight/core';
import type { Bucket, ByteRange } from './bucket.ts';
import { type DerivativeHead, derivativeKey, maxFrameBytes, parseDerivative } from './derivative-object.ts';

/** A derivative in the bucket. */
export interface FoundDerivative extends DerivativeHead {
  /** The bytes from the first one on: all of them if they are `maxMemoryBytes` at most. */
  readonly first: Buffer;
  /** Where the bytes begin in the object. */
  readonly startsAt: number;
}

/**
 * Fetches a derivative with one GET: a small one completely, and the begin of a large one.
 * @returns `undefined` when it is absent; `'damaged'` when its metadata or its bytes are wrong
 */
export async function fetchDerivative(
  bucket: Bucket,
  name: string,
  maxMemoryBytes: number,
): Promise<FoundDerivative | 'damaged' | undefined> {
  const key = derivativeKey(name);
  if (key === undefined) return undefined;
  const found = await bucket.read(key, { start: 0, end: maxMemoryBytes + maxFrameBytes });
  if (found === undefined) return undefined;
  const parsed = parseDerivative(found, name);
  if (parsed === undefined) return 'damaged';
  const { startsAt, bytes, digest } = parsed;
  const first = found.body.subarray(startsAt);
  const isWhole = first.length === bytes;
  if (isWhole && createHash('sha256').update(first).digest('base64url') !== digest) return 'damaged';
  return { ...parsed, first };
}

/** A small derivative. */
export function derivativeInMemory({ head, digest, first }: FoundDerivative): CachedBytes {
  return cachedInMemory({ head, digest, body: first });
}

/** Bytes of a large derivative. Those after the first ones are fetched when they are read. */
export async function* chunksOfDerivative(
  bucket: Bucket,
  { name, first, startsAt }: FoundDerivative,
  { start, end }: ByteRange,
): AsyncGenerator<Buffer> {
  if (start < first.length) yield first.subarray(start, Math.min(end, first.length));
  const from = Math.max(start, first.length);
  const range = { start: startsAt + from, end: startsAt + end };
  if (from < end) yield* bucket.stream(derivativeKey(name) ?? '', range);
}

/** A large derivative without a copy on this disk. Its streams fail if it is removed before they have fetched its bytes. */
export function derivativeInBucket(bucket: Bucket, found: FoundDerivative): CachedBytes {
  const { head, bytes, digest } = found;
  return {
    head,
    bytes,
    digest,
    body: undefined,
    read(start = 0, end = bytes) {
      const range = { start: Math.max(0, start), end: Math.min(bytes, end) };
      const isEmpty = range.start >= range.end;
      return Readable.from(isEmpty ? [] : chunksOfDerivative(bucket, found, range), { objectMode: false });
    },
    release: () => undefined,
  };
}

/** A large derivative with a copy on this disk. The copy may be removed while it is open. */
export async function derivativeOnDisk(path: string, { head, bytes, digest }: DerivativeHead): Promise<CachedBytes> {
  const handle = await open(path);
  let users = 1;
  let isReleased = false;
  const onClosed = (): void => {
    users -= 1;
    if (users === 0) handle.close().catch(() => undefined);
  };
  return {
    head,
    bytes,
    digest,
    body: undefined,
    read(start = 0, end = bytes) {
      users += 1;
      return fileRange(handle, { start: Math.max(0, start), end: Math.min(bytes, end) }, onClosed);
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      onClosed();
    },
  };
}

const chunkBytes = 65_536;

function fileRange(handle: FileHandle, { start, end }: ByteRange, onClosed: () => void): Readable {
  let at = start;
  return new Readable({
    read() {
      if (at >= end) {
        this.push(null);
        return;
      }
      const length = Math.min(chunkBytes, end - at);
      handle.read(Buffer.allocUnsafe(length), 0, length, at).then(
        ({ buffer, bytesRead }) => {
          at += bytesRead;
          if (bytesRead > 0) this.push(buffer.subarray(0, bytesRead));
          else this.destroy(new Error(`The copy of a derivative ends at ${at}, before ${end}: it was truncated.`));
        },
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      onClosed();
      done(error);
    },
  });
}
