import { randomBytes } from 'node:crypto';
import type { ByteRange } from './byte-ranges.ts';

/** Bytes to send as they are, or a range of the representation. */
export type BodyPiece = Buffer | ByteRange;

export interface MultipartRanges {
  /** For `Content-Type`. */
  readonly contentType: string;
  /** Exact length of all pieces together. */
  readonly bytes: number;
  readonly pieces: readonly BodyPiece[];
}

export interface MultipartRangesOptions {
  /** Length of the whole representation. */
  readonly ofBytes: number;
  /** The `Content-Type` of the representation, which each part has. */
  readonly partType: string | undefined;
  /** @default 128 random bits, which do not occur in any body */
  readonly boundary?: string;
}

/** Describes several ranges as one body (RFC 9110 section 14.6), without reading them. */
export function multipartRanges(
  ranges: readonly ByteRange[],
  { ofBytes, partType, boundary = randomBytes(16).toString('hex') }: MultipartRangesOptions,
): MultipartRanges {
  const type = partType === undefined ? '' : `Content-Type: ${partType}\r\n`;
  const pieces: BodyPiece[] = [];
  let bytes = 0;
  const add = (piece: BodyPiece): void => {
    pieces.push(piece);
    bytes += Buffer.isBuffer(piece) ? piece.length : piece.end - piece.start;
  };
  for (const range of ranges) {
    const line = pieces.length === 0 ? '' : '\r\n';
    // Node sends header text as latin1 too.
    add(Buffer.from(`${line}--${boundary}\r\n${type}Content-Range: ${contentRange(range, ofBytes)}\r\n\r\n`, 'latin1'));
    add(range);
  }
  add(Buffer.from(`\r\n--${boundary}--\r\n`));
  return { contentType: `multipart/byteranges; boundary=${boundary}`, bytes, pieces };
}

/** The value of `Content-Range` (RFC 9110 section 14.4). @param range - `undefined` for a 416 */
export function contentRange(range: ByteRange | undefined, ofBytes: number): string {
  return range === undefined ? `bytes */${ofBytes}` : `bytes ${range.start}-${range.end - 1}/${ofBytes}`;
}
