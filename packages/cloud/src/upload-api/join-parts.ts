import { createReadStream } from 'node:fs';
import type { ReceivedBytes } from '@safelight/core';

/** The bytes of several parts, one after the other; only a piece of one is in memory. */
export async function* joinParts(parts: readonly ReceivedBytes[]): AsyncGenerator<Uint8Array> {
  for (const { localPath } of parts) {
    yield* createReadStream(localPath) as AsyncIterable<Uint8Array>;
  }
}
