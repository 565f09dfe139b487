import { Readable } from 'node:stream';
import type { Original, OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath } from './asset-folder.ts';
import { readPlainChunks, readPlainFile } from './durable-file.ts';

/**
 * A record with functions that read its bytes. The bytes are opened when they are read. ENOENT then means that the version
 * was destroyed since it was found, or that newer uploads have replaced it.
 */
export function readableOriginal(folder: AssetFolder, record: OriginalRecord): Original {
  const localPath = bytesPath(folder, record.versionId);
  return {
    ...record,
    localPath,
    stream: (start, end) => Readable.from(readPlainChunks(localPath, { start, end }), { objectMode: false }),
    bytesOf: () => readPlainFile(localPath),
  };
}
