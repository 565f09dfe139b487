import { join } from 'node:path';
import type { AssetIndex, Originals } from '@safelight/core';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { failure, usageError } from './exit-code.ts';
import type { ServeOptions } from './serve-options.ts';

/** The originals of the server, and their index. */
export interface OpenOriginals {
  readonly originals: Originals;
  /** `undefined`: lists and searches are refused. */
  readonly index: AssetIndex | undefined;
  /** @throws {CommandError} when another process uses the index */
  claim(): Promise<void>;
  /** Begins to read what the index has missed. Until that has ended, lists say so and everything else works. */
  catchUp(): void;
  close(): Promise<void>;
}

/** @throws {CommandError} when this release cannot read the folder, or this process may not read it */
export function openOriginals(options: ServeOptions, onError: (error: unknown) => void): OpenOriginals {
  const files = openFiles(options);
  if (options.index === 'none') {
    return { originals: files, index: undefined, claim: nothing, catchUp: () => undefined, close: nothing };
  }
  const index = sqliteAssetIndex({ file: join(options.data, 'index.db'), onError });
  let isClosed = false;
  const originals = indexedOriginals(files, index, { onError });
  return {
    originals,
    index,
    async claim() {
      await index.state().catch((error: Error) => {
        throw usageError(`${error.message} Or start with --index none: lists and searches are then refused.`, error);
      });
    },
    catchUp() {
      originals.catchUp().catch((error) => {
        if (!isClosed) onError(error);
      });
    },
    async close() {
      isClosed = true;
      await index.close();
    },
  };
}

async function nothing(): Promise<void> {}

function openFiles({ data, keepVersions }: ServeOptions): Originals {
  try {
    return fileOriginals({ directory: join(data, 'originals'), maxVersions: keepVersions });
  } catch (error) {
    const { message, cause } = error as Error;
    const refusal = `--data ${data} cannot be used: ${message}`;
    throw cause === undefined ? usageError(refusal, error) : failure(refusal, error);
  }
}
