import type { ByteRange } from '@safelight/http';
import { badRequest } from './api-error.ts';
import { formatRanges, type PartRange } from './part-header.ts';

/** A part that is here. */
export interface ReceivedPart extends ByteRange {
  /** Hex MD5 of its bytes. */
  readonly etag: string;
}

/**
 * Where a part belongs among those that are here, which are in order and do not overlap.
 *
 * @returns its index, and whether it is there already
 * @throws {ApiError} 400 when it cannot be of the same file: other bytes of the same range, or another cut of them
 */
export function placeOf(
  parts: readonly ReceivedPart[],
  part: ReceivedPart,
): { readonly index: number; readonly isThere: boolean } {
  const isEmptyFile = part.end === 0;
  const next = isEmptyFile ? 0 : parts.findIndex(({ end }) => end > part.start);
  const index = next === -1 ? parts.length : next;
  const there = parts[index];
  if (there === undefined || (there.start >= part.end && !isEmptyFile)) return { index, isThere: false };
  if (there.start !== part.start || there.end !== part.end) {
    throw badRequest(
      `This part (${formatRanges([part])}) overlaps ${formatRanges([there])}, which is here. Cut the file into the same parts when you repeat one; ${hereAre(parts)}.`,
    );
  }
  if (there.etag !== part.etag) {
    throw badRequest(
      `Other bytes came as ${formatRanges([part])} before. Send another file under a new X-Unique-Upload-Id; ${hereAre(parts)}.`,
    );
  }
  return { index, isThere: true };
}

/** @throws {ApiError} 400 when `range` says another length of the file than the parts that are here */
export function checkTotal(
  parts: readonly ReceivedPart[],
  total: number | undefined,
  { end, total: said }: PartRange,
): void {
  if (total !== undefined && said !== undefined && said !== total) {
    throw badRequest(`An earlier part said that the file has ${total} bytes, this one says ${said}. Which is it?`);
  }
  const furthest = Math.max(end, parts.at(-1)?.end ?? 0);
  const whole = total ?? said;
  if (whole !== undefined && furthest > whole) {
    throw badRequest(`A file of ${whole} bytes ends before byte ${furthest - 1}; ${hereAre(parts)}.`);
  }
}

/** What of a file of `total` bytes is not here yet, in order. */
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

/** Parts next to each other as one. */
export function joinedRanges(parts: readonly ByteRange[]): readonly ByteRange[] {
  const joined: ByteRange[] = [];
  for (const { start, end } of parts) {
    const last = joined.at(-1);
    if (last?.end === start) joined[joined.length - 1] = { start: last.start, end };
    else joined.push({ start, end });
  }
  return joined;
}

export function hereAre(parts: readonly ByteRange[]): string {
  return `here: ${formatRanges(joinedRanges(parts))}`;
}
