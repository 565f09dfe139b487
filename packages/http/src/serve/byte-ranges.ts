/** The bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  /** The first byte after the range. */
  readonly end: number;
}

/** The most ranges of one request; clients need fewer. A field with more ranges gets the whole body. */
const maxRanges = 16;

/** Two ranges are joined when the gap is shorter than this, about the head of one part (RFC 9110 section 15.3.7.2). */
const minGapBytes = 80;

const bytesUnit = /^bytes=/i;
const rangeSpec = /^[\t ]*(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))[\t ]*$/;
const emptyElement = /^[\t ]*$/;

/**
 * The ranges that a `Range` field selects from a body of `bytes` bytes (RFC 9110 sections 14.1.2 and 14.2): in the order
 * of the field, without overlaps, never empty. `undefined`: send the whole body, because the field has another unit, is
 * malformed, has too many ranges, or has ranges that are together longer than the body (section 17.15). Pure.
 */
export function selectRanges(field: string, bytes: number): readonly ByteRange[] | 'unsatisfiable' | undefined {
  // An empty body has no part that Content-Range could name.
  if (bytes === 0 || !bytesUnit.test(field)) return undefined;
  const specs = field
    .slice('bytes='.length)
    .split(',')
    .filter((spec) => !emptyElement.test(spec));
  if (specs.length === 0 || specs.length > maxRanges) return undefined;
  const ranges: ByteRange[] = [];
  let totalBytes = 0;
  for (const spec of specs) {
    const range = readSpec(spec, bytes);
    if (range === undefined) return undefined;
    if (range.start >= range.end) continue;
    ranges.push(range);
    totalBytes += range.end - range.start;
  }
  if (ranges.length === 0) return 'unsatisfiable';
  return totalBytes > bytes ? undefined : coalesce(ranges);
}

/** `undefined` when the spec is malformed. The range is empty when the body has no byte of it. */
function readSpec(spec: string, bytes: number): ByteRange | undefined {
  const { first, last, suffix } = rangeSpec.exec(spec)?.groups ?? {};
  if (suffix !== undefined) return { start: Math.max(0, bytes - Number(suffix)), end: bytes };
  if (first === undefined) return undefined;
  const start = Number(first);
  if (last === undefined || last === '') return { start, end: bytes };
  return Number(last) < start ? undefined : { start, end: Math.min(Number(last) + 1, bytes) };
}

function coalesce(ranges: readonly ByteRange[]): readonly ByteRange[] {
  if (ranges.length === 1) return ranges;
  const merged: { start: number; end: number; order: number }[] = [];
  const byStart = ranges.map((range, order) => ({ ...range, order })).sort((a, b) => a.start - b.start);
  for (const range of byStart) {
    const before = merged.at(-1);
    if (before === undefined || range.start - before.end >= minGapBytes) {
      merged.push(range);
    } else {
      before.end = Math.max(before.end, range.end);
      before.order = Math.min(before.order, range.order);
    }
  }
  return merged.sort((a, b) => a.order - b.order).map(({ start, end }) => ({ start, end }));
}
