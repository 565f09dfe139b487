import type { IncomingMessage } from 'node:http';
import { badRequest } from './api-error.ts';
import type { ApiRoute } from './api-route.ts';
import { isLast, type PartRange, parseContentRange } from './content-range.ts';

/** What the headers of a part tell before a byte of it is read. */
export interface PartHeader {
  /** Chosen by the sender, the same for every part of one upload. */
  readonly uploadId: string;
  readonly range: PartRange;
}

const maxIdLength = 255;

/**
 * @returns `undefined` when the request is no part: it has no `Content-Range`
 * @throws {ApiError} 400 when its headers are incomplete or contradict each other
 */
export function partHeader(req: IncomingMessage, route: ApiRoute, minPartBytes: number): PartHeader | undefined {
  const text = req.headers['content-range'];
  if (text === undefined) return undefined;
  if (route.operation !== 'upload') throw badRequest('Only uploads come in parts. Leave out Content-Range.');
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
