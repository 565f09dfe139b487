import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AssetIndex, Originals } from '@safelight/core';
import { indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { usageError } from './exit-code.ts';
import { openPublished } from './open-bucket.ts';
import type { ServeOptions } from './serve-options.ts';

/** `none`: there is no index. `incomplete`: lists and searches are refused. */
export type IndexProgress = 'none' | 'incomplete' | 'complete';

/** The originals of the server, and their index. */
export interface OpenOriginals {
  readonly originals: Originals;
  /** `undefined`: lists and searches are refused. */
  readonly index: AssetIndex | undefined;
  progress(): IndexProgress;
  /** @throws {CommandError} when another process uses the index */
  claim(): Promise<void>;
  /**
   * Begins to read what the index has missed. Until that has ended, lists say so and everything else works. It resolves when
   * the index is complete, and after `waitMs` in any case.
   */
  catchUp(waitMs: number): Promise<void>;
  close(): Promise<void>;
}

/** @throws {CommandError} when the originals cannot be used, see `openPublished` */
export async function openOriginals(options: ServeOptions, onError: (error: unknown) => void): Promise<OpenOriginals> {
  const published = await openPublished(options);
  if (options.index === 'none') {
    const progress = () => 'none' as const;
    return { originals: published, index: undefined, progress, claim: nothing, catchUp: nothing, close: nothing };
  }
  const index = sqliteAssetIndex({ file: join(options.data, 'index.db'), onError });
  let isClosed = false;
  let isComplete = false;
  const originals = indexedOriginals(published, index, { onError });
  return {
    originals,
    index: {
      ...index,
      // The index learns of a derivative after the response to its request, perhaps after the end of the server.
      addDerived: async (entries) => {
        if (isClosed) return;
        await index.addDerived(entries).catch((error) => {
          if (!isClosed) throw error;
        });
      },
    },
    progress: () => (isComplete ? 'complete' : 'incomplete'),
    async claim() {
      await index.state().catch((error: Error) => {
        throw usageError(`${error.message} Or start with --index none: lists and searches are then refused.`, error);
      });
    },
    async catchUp(waitMs) {
      const wait = new AbortController();
      const caughtUp = originals
        .catchUp()
        .then(() => {
          isComplete = true;
        })
        .catch((error) => {
          if (!isClosed) onError(error);
        })
        .finally(() => wait.abort());
      await Promise.race([caughtUp, setTimeout(waitMs, undefined, { signal: wait.signal }).catch(nothing)]);
    },
    async close() {
      isClosed = true;
      await index.close();
    },
  };
}

async function nothing(): Promise<void> {}
