import { Readable } from 'node:stream';
import type { Original, OriginalRecord } from '@safelight/core';
import { type AssetFolder, bytesPath } from './asset-folder.ts';
import { readPlainChunks, readPlainFile } from './durable-file.ts';

/**
 * A record with its bytes. They are opened when they are read: ENOENT then means that the version was destroyed, or that
 * more uploads than are kept have come, since it was found.
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
