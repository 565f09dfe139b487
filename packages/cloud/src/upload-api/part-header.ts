import type { IncomingMessage } from 'node:http';
import type { ByteRange } from '@safelight/http';
import { badRequest } from './api-error.ts';

/** What the `Content-Range` of a part says. */
export interface PartRange extends ByteRange {
  /** Bytes of the whole file; `undefined` while the client sends a stream of unknown length. */
  readonly total: number | undefined;
}

const form = /^bytes (\d{1,15})-(-1|\d{1,15})\/(-1|\*|\d{1,15})$/;

/**
 * Reads the `Content-Range` of a part (RFC 9110, 14.4). What SDKs send beyond it: a total of `-1` that is not known yet,
 * and `bytes 0--1/0` for an empty file.
 *
 * @throws {ApiError} 400 when it is malformed or contradicts itself
 */
export function parseContentRange(text: string): PartRange {
  const found = form.exec(text.trim());
  if (found === null) throw wrong(text, 'It is malformed');
  const start = Number(found[1]);
  const end = Number(found[2]) + 1;
  const total = /^\d/.test(found[3] ?? '') ? Number(found[3]) : undefined;
  if (total !== undefined && end > total) throw wrong(text, 'It ends behind the end of the file');
  if (end <= start && total !== 0) throw wrong(text, 'It holds no bytes');
  return { start, end, total };
}

/** Whether nothing of the file comes behind it. */
export function isLast({ end, total }: PartRange): boolean {
  return end === total;
}

const maxListed = 10;

/** `bytes 0-9, 20-29`, as people read it. */
export function formatRanges(ranges: readonly ByteRange[]): string {
  if (ranges.length === 0) return 'nothing';
  const listed = ranges.slice(0, maxListed).map(({ start, end }) => `${start}-${end - 1}`);
  const more = ranges.length > maxListed ? ` and ${ranges.length - maxListed} more` : '';
  return `bytes ${listed.join(', ')}${more}`;
}

/** What the headers of a part tell before a byte of it is read. */
export interface PartHeader {
  /** Chosen by the sender, the same for every part of one upload. */
  readonly uploadId: string;
  readonly range: PartRange;
}

const maxIdLength = 255;

/**
 * Reads the headers of a part, which has a `Content-Range`.
 *
 * @throws {ApiError} 400 when they are incomplete or contradict each other
 */
export function partHeader(req: IncomingMessage, minPartBytes: number): PartHeader {
  const text = req.headers['content-range'] ?? '';
  const range = parseContentRange(text);
  const uploadId = req.headers['x-unique-upload-id'];
  if (typeof uploadId !== 'string' || uploadId === '') {
    throw badRequest('Missing header X-Unique-Upload-Id. Send one that is new for each upload with all parts of it.');
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

function wrong(text: string, why: string): Error {
  const hint = 'Expected bytes <first>-<last>/<total>, such as bytes 0-4999999/12000000';
  return badRequest(
    `Invalid Content-Range "${text.slice(0, 100)}". ${why}. ${hint}; -1 is a total that is not known yet.`,
  );
}
