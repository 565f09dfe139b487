import type { CachedHead, EndedDraft } from '@safelight/core';
import type { Bucket } from './bucket.ts';
import type { ByteCache } from './byte-cache.ts';
import { type DerivativeHead, derivativeKey, formatDerivative, newName, objectBytes } from './derivative-object.ts';
import { createFramedFile, type SpoolFile } from './spool-file.ts';

export interface StorePlace {
  readonly bucket: Bucket;
  readonly cache: ByteCache;
  readonly temporary: string;
  readonly maxBytes: number;
  readonly clock: () => number;
}

/** A derivative that is in the bucket now; `body` if it is small. */
export interface StoredDerivative extends DerivativeHead {
  readonly body: Buffer | undefined;
}

/**
 * Writes a derivative as one object under a new name.
 * @throws {RangeError} when it is too large
 */
export async function storeDerivative(
  { bucket, cache, temporary, maxBytes, clock }: StorePlace,
  { bytes, digest, body, sink }: EndedDraft<SpoolFile>,
  given: CachedHead,
): Promise<StoredDerivative> {
  const name = newName(clock());
  const key = derivativeKey(name) ?? '';
  // A copy, as the bucket would return it: without later changes, and only with values of JSON.
  const head = JSON.parse(JSON.stringify(given)) as CachedHead;
  const { metadata, frame } = formatDerivative({ name, bytes, digest, head });
  if (frame.length + bytes + objectBytes > maxBytes) {
    throw new RangeError(
      `A derivative of ${bytes} bytes does not fit under maxBytes (${maxBytes}), so it is not cached. Pass a larger maxBytes.`,
    );
  }
  if (body !== undefined) {
    await bucket.write(key, frame.length > 0 ? Buffer.concat([frame, body]) : body, metadata);
    return { name, bytes, digest, head, body };
  }
  const file = sink.file();
  if (frame.length === 0) await bucket.writeFile(key, file, metadata);
  else {
    const framed = await createFramedFile(temporary, frame, file.path);
    await bucket.writeFile(key, framed.file(), metadata).finally(() => framed.close());
  }
  // The readers of the draft have the file open, also under another name.
  await cache.adopt(name, bytes, file.path);
  return { name, bytes, digest, head, body: undefined };
}
