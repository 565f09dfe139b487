/**
 * What can tell how many bytes of a body have left, here:
 * - `xhr`: browsers, whose `fetch` cannot
 * - `stream`: everywhere else the body is counted as it is read, which makes the request chunked
 * - `none`: service workers have neither; only phases are told
 */
export type ByteCounter = 'xhr' | 'stream' | 'none';

export function byteCounter(): ByteCounter {
  return typeof XMLHttpRequest === 'function' ? 'xhr' : 'WorkerGlobalScope' in globalThis ? 'none' : 'stream';
}

const sliceBytes = 64 * 1024;

/** The same bytes in slices that are read one by one: Node reads in one go what lies in memory. */
export function inSlices(blob: Blob): Blob {
  const count = Math.ceil(blob.size / sliceBytes);
  return new Blob(
    Array.from({ length: count }, (_, index) => blob.slice(index * sliceBytes, (index + 1) * sliceBytes)),
  );
}
