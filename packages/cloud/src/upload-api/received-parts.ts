import type { ByteRange } from '@safelight/http';
import { badRequest } from './api-error.ts';
import { formatRanges, type PartRange } from './part-header.ts';

/** A part that was received. */
export interface ReceivedPart extends ByteRange {
  /** The MD5 of its bytes, in hex. */
  readonly etag: string;
}

/**
 * Finds the place of a part among the received parts, which are in order and do not overlap.
 *
 * @returns the index, and whether this part was received before
 * @throws {ApiError} 400 when the part is not of the same file: other bytes of the same range, or an overlapping range
 */
export function findPlace(
  parts: readonly ReceivedPart[],
  part: ReceivedPart,
): { readonly index: number; readonly isReceived: boolean } {
  const isEmptyFile = part.end === 0;
  const next = isEmptyFile ? 0 : parts.findIndex(({ end }) => end > part.start);
  const index = next === -1 ? parts.length : next;
  const received = parts[index];
  if (received === undefined || (received.start >= part.end && !isEmptyFile)) return { index, isReceived: false };
  if (received.start !== part.start || received.end !== part.end) {
    throw badRequest(
      `This part (${formatRanges([part])}) overlaps ${formatRanges([received])}, which were received before. Use the same parts of the file when you repeat one; ${describeReceived(parts)}.`,
    );
  }
  if (received.etag !== part.etag) {
    throw badRequest(
      `Different bytes were received before as ${formatRanges([part])}. Send another file under a new X-Unique-Upload-Id; ${describeReceived(parts)}.`,
    );
  }
  return { index, isReceived: true };
}

/** @throws {ApiError} 400 when `range` contradicts the length of the file in the received parts */
export function checkTotal(
  parts: readonly ReceivedPart[],
  total: number | undefined,
  { end, total: partTotal }: PartRange,
): void {
  if (total !== undefined && partTotal !== undefined && partTotal !== total) {
    throw badRequest(
      `By an earlier part the file has ${total} bytes, but by this part it has ${partTotal}. Send the same total with all parts.`,
    );
  }
  const furthest = Math.max(end, parts.at(-1)?.end ?? 0);
  const whole = total ?? partTotal;
  if (whole !== undefined && furthest > whole) {
    throw badRequest(`A file of ${whole} bytes ends before byte ${furthest - 1}; ${describeReceived(parts)}.`);
  }
}

/** Returns the ranges of a file of `total` bytes that were not received yet, in order. */
export function missingRanges(parts: readonly ByteRange[], total: number): readonly ByteRange[] {
  const missing: ByteRange[] = [];
  let covered = 0;
  for (const { start, end } of parts) {
    if (start > covered) missing.push({ start: covered, end: start });
    covered = end;
  }
  if (covered < total) missing.push({ start: covered, end: total });
  return missing;
}

/** Joins ranges that follow each other without a gap. */
export function joinedRanges(parts: readonly ByteRange[]): readonly ByteRange[] {
  const joined: ByteRange[] = [];
  for (const { start, end } of parts) {
    const last = joined.at(-1);
    if (last?.end === start) joined[joined.length - 1] = { start: last.start, end };
    else joined.push({ start, end });
  }
  return joined;
}

export function describeReceived(parts: readonly ByteRange[]): string {
  return `received: ${formatRanges(joinedRanges(parts))}`;
}
