import { randomBytes } from 'node:crypto';
import type { ByteRange } from './byte-ranges.ts';

/** Bytes to send unchanged, or a range of the representation. */
export type BodyPiece = Buffer | ByteRange;

export interface MultipartRanges {
  /** The `Content-Type` of the response. */
  readonly contentType: string;
  /** The length of all pieces together. */
  readonly bytes: number;
  readonly pieces: readonly BodyPiece[];
}

export interface MultipartRangesOptions {
  /** The length of the whole representation. */
  readonly totalBytes: number;
  /** The `Content-Type` of the representation, which each part gets. `undefined`: the parts have none. */
  readonly partType: string | undefined;
  /** Must not occur in the body. @default 128 random bits, as hex digits */
  readonly boundary?: string;
}

/** Describes several ranges as one body (RFC 9110 section 14.6), without reading them. */
export function multipartRanges(
  ranges: readonly ByteRange[],
  { totalBytes, partType, boundary = randomBytes(16).toString('hex') }: MultipartRangesOptions,
): MultipartRanges {
  const type = partType === undefined ? '' : `Content-Type: ${partType}\r\n`;
  const pieces: BodyPiece[] = [];
  let bytes = 0;
  const add = (piece: BodyPiece): void => {
    pieces.push(piece);
    bytes += Buffer.isBuffer(piece) ? piece.length : piece.end - piece.start;
  };
  for (const range of ranges) {
    const lineBreak = pieces.length === 0 ? '' : '\r\n';
    // Node also sends header text as latin1.
    add(
      Buffer.from(
        `${lineBreak}--${boundary}\r\n${type}Content-Range: ${contentRange(range, totalBytes)}\r\n\r\n`,
        'latin1',
      ),
    );
    add(range);
  }
  add(Buffer.from(`\r\n--${boundary}--\r\n`));
  return { contentType: `multipart/byteranges; boundary=${boundary}`, bytes, pieces };
}

/**
 * The value of `Content-Range` (RFC 9110 section 14.4).
 *
 * @param range - `undefined` for a 416
 */
export function contentRange(range: ByteRange | undefined, totalBytes: number): string {
  return range === undefined ? `bytes */${totalBytes}` : `bytes ${range.start}-${range.end - 1}/${totalBytes}`;
}
