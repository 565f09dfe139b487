import type { IncomingMessage } from 'node:http';
import type { ByteRange } from '@safelight/http';
import { badRequest } from './api-error.ts';

/** The `Content-Range` of a part. */
export interface PartRange extends ByteRange {
  /** Bytes of the whole file; `undefined` when the client does not know them yet. */
  readonly total: number | undefined;
}

const form = /^bytes (\d{1,15})-(-1|\d{1,15})\/(-1|\*|\d{1,15})$/;

/**
 * Reads the `Content-Range` of a part (RFC 9110 section 14.4). SDKs also send the total `-1` when it is not known yet,
 * and `bytes 0--1/0` for an empty file.
 *
 * @throws {ApiError} 400 when it is malformed or contradicts itself
 */
export function parseContentRange(text: string): PartRange {
  const found = form.exec(text.trim());
  if (found === null) throw invalidRange(text, 'It is malformed');
  const start = Number(found[1]);
  const end = Number(found[2]) + 1;
  const total = /^\d/.test(found[3] ?? '') ? Number(found[3]) : undefined;
  if (total !== undefined && end > total) throw invalidRange(text, 'Its last byte is after the end of the file');
  if (end <= start && total !== 0) throw invalidRange(text, 'It has no bytes');
  return { start, end, total };
}

/** Whether the range is the end of the file. */
export function isLast({ end, total }: PartRange): boolean {
  return end === total;
}

const maxListed = 10;

/** Writes ranges with inclusive ends: `bytes 0-9, 20-29`. */
export function formatRanges(ranges: readonly ByteRange[]): string {
  if (ranges.length === 0) return 'nothing';
  const listed = ranges.slice(0, maxListed).map(({ start, end }) => `${start}-${end - 1}`);
  const more = ranges.length > maxListed ? ` and ${ranges.length - maxListed} more` : '';
  return `bytes ${listed.join(', ')}${more}`;
}

/** The headers of a part. They are read before its body. */
export interface PartHeader {
  /** The sender chooses it. All parts of one upload have the same. */
  readonly uploadId: string;
  readonly range: PartRange;
}

/** The header that names the upload of a part. Node.js writes names of headers in lower case. */
export const uploadIdHeader = 'x-unique-upload-id';

export const maxIdLength = 255;

/**
 * Reads the headers of a part.
 *
 * @throws {ApiError} 400 when they are incomplete or contradict each other
 */
export function partHeader(req: IncomingMessage, minPartBytes: number): PartHeader {
  const text = req.headers['content-range'] ?? '';
  const range = parseContentRange(text);
  const uploadId = req.headers[uploadIdHeader];
  if (typeof uploadId !== 'string' || uploadId === '') {
    throw badRequest(
      'Missing header X-Unique-Upload-Id. Choose a new one for each upload, and send it with all parts.',
    );
  }
  if (uploadId.length > maxIdLength) {
    throw badRequest(`The X-Unique-Upload-Id is longer than ${maxIdLength} characters`);
  }
  const bytes = range.end - range.start;
  if (!isLast(range) && bytes < minPartBytes) {
    throw badRequest(`All parts except EOF-chunk must have at least ${minPartBytes} bytes. This one has ${bytes}.`);
  }
  if (Number(req.headers['content-length'] ?? bytes) < bytes) {
    throw badRequest(`Content-Length is less than the ${bytes} bytes of Content-Range "${text}". Send all of them.`);
  }
  return { uploadId, range };
}

function invalidRange(text: string, reason: string): Error {
  const hint = 'Expected bytes <first>-<last>/<total>, such as bytes 0-4999999/12000000';
  return badRequest(
    `Invalid Content-Range "${text.slice(0, 100)}". ${reason}. ${hint}; the total is -1 while it is not known.`,
  );
}
