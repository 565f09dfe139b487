import type { Original, OriginalRecord } from '@safelight/core';

/** The record of an original, without the access to its bytes. */
export function recordOf(original: OriginalRecord): OriginalRecord {
  const { localPath: _path, stream: _stream, bytesOf: _bytesOf, ...record } = original as Original;
  return record;
}

export function recordJson(record: OriginalRecord): string {
  return JSON.stringify(recordOf(record));
}
