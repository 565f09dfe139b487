/**
 * What can tell how many bytes of a body have left, here:
 * - `xhr`: browsers, whose `fetch` cannot
 * - `stream`: everywhere else the body is counted as it is read, which makes the request chunked
 * - `none`: service workers have neither; only phases are told
 */
export type ByteCounter = 'xhr' | 'stream' | 'none';

export function byteCounter(): ByteCounter {
  if (typeof XMLHttpRequest !== 'undefined') {
    return 'xhr';
  }
  return 'WorkerGlobalScope' in globalThis ? 'none' : 'stream';
}

const smallestPart = 64 * 1024;
const mostParts = 1024;

/** The same bytes in parts that are read one by one: Node reads a part that lies in memory in one go. */
export function inParts(blob: Blob): Blob {
  const size = Math.max(smallestPart, Math.ceil(blob.size / mostParts));
  const count = Math.ceil(blob.size / size);
  const parts = Array.from({ length: count }, (_, index) => blob.slice(index * size, (index + 1) * size));
  return new Blob(parts, { type: blob.type });
}
