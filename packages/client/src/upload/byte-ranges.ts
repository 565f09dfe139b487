import type { ReceivedParts } from '@safelight/protocol';

/** Bytes of a file from `start` to `end`, without the byte at `end`. */
export type ByteRange = ReceivedParts['received'][number];

/**
 * The next bytes to send: the beginning of the first gap, at most `maxBytes`. Without a gap it is the last part once more,
 * because the server responds to this part with the asset.
 * @param received - the parts that the server has, in any order
 */
export function nextRange(totalBytes: number, received: readonly ByteRange[], maxBytes: number): ByteRange {
  let start = 0;
  let last: ByteRange = { start, end: totalBytes };
  for (const part of sorted(received)) {
    if (part.start > start) return { start, end: Math.min(part.start, start + maxBytes) };
    start = Math.max(start, part.end);
    last = part;
  }
  return start < totalBytes ? { start, end: Math.min(totalBytes, start + maxBytes) } : last;
}

/** The number of bytes that are in at least one of the parts. */
export function receivedBytes(received: readonly ByteRange[]): number {
  let [bytes, from] = [0, 0];
  for (const { start, end } of sorted(received)) {
    bytes += Math.max(0, end - Math.max(start, from));
    from = Math.max(from, end);
  }
  return bytes;
}

function sorted(ranges: readonly ByteRange[]): readonly ByteRange[] {
  return ranges.toSorted((a, b) => a.start - b.start);
}
