import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type WriteOptions, writeHead } from '../write-response.ts';
import { type ByteRange, selectRanges } from './byte-ranges.ts';
import { type BodyPiece, contentRange, multipartRanges } from './multipart-ranges.ts';
import { evaluatePreconditions, holdsIfRange } from './preconditions.ts';
import type { HeaderFields, Representation } from './representation.ts';
import {
  fieldOf,
  fullHeaders,
  hiddenInNotModified,
  notModifiedHeaders,
  partHeaders,
  refusalHeaders,
} from './response-headers.ts';
import { streamPieces } from './stream-pieces.ts';

export type { Representation } from './representation.ts';

export interface WriteRepresentationOptions extends Pick<WriteOptions, 'madeBy' | 'onMadePrivate'> {
  /** Gets the error when reading the bytes fails after the status line; then the connection is destroyed. */
  readonly onError: (error: unknown) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Responds to a GET or HEAD with a representation: the whole, the ranges that the request selects (206 or 416), or 304 or
 * 412 by its preconditions. Releases the representation, also when it throws.
 *
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or a header has an invalid value
 * @example
 * import { createServer } from 'node:http';
 * import { Readable } from 'node:stream';
 *
 * const body = Buffer.from('cat');
 * const content = { bytes: body.length, body, read: () => Readable.from([body]), release: () => undefined };
 * const validators = { etag: '"cat-1"', lastModifiedAt: undefined };
 * const cat = { status: 200, headers: { ETag: '"cat-1"' }, ...validators, ...content };
 * createServer((req, res) => writeRepresentation(req, res, cat, { onError: console.error }));
 */
export function writeRepresentation(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Representation,
  options: WriteRepresentationOptions,
): void {
  let pieces: readonly BodyPiece[] | undefined;
  try {
    pieces = piecesFor(req, res, representation, options);
  } finally {
    if (pieces === undefined) representation.release();
  }
  if (pieces !== undefined) streamPieces(res, pieces, representation, options.onError);
}

/** Writes the head, and the body when it is in memory. Returns the pieces that remain to be streamed. */
function piecesFor(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Representation,
  options: WriteRepresentationOptions,
): readonly BodyPiece[] | undefined {
  const { now = Date.now } = options;
  const { status, bytes, body } = representation;
  const requestHeaders = req.headers;
  // RFC 9110 section 13.2.1: a response that is not a success does not depend on preconditions.
  const hasPreconditions = status >= 200 && status < 300 && isConditional(requestHeaders);
  const verdict = hasPreconditions ? evaluatePreconditions(requestHeaders, representation, now) : 'proceed';
  if (verdict === 'not-modified') return writeNotModified(res, representation, options);
  if (verdict === 'failed') return writeRefusal(res, 412, refusalHeaders(representation), options);
  if (requestHeaders.range !== undefined && req.method === 'GET' && status === 200) {
    const ranges = applicableRanges(requestHeaders.range, requestHeaders['if-range']?.toString(), representation, now);
    if (ranges === 'unsatisfiable') {
      const headers = { ...refusalHeaders(representation), 'Content-Range': contentRange(undefined, bytes) };
      return writeRefusal(res, 416, headers, options);
    }
    if (ranges !== undefined) return writeRanges(res, ranges, representation, options);
  }
  const { hasAllHeaders = false, headers } = representation;
  writeHead(res, status, hasAllHeaders ? headers : fullHeaders(representation), options);
  if (req.method === 'HEAD' || bytes === 0) res.end();
  else if (body !== undefined) res.end(body);
  else return [{ start: 0, end: bytes }];
  return undefined;
}

/** Most requests have no precondition. */
function isConditional(requestHeaders: IncomingHttpHeaders): boolean {
  return (
    requestHeaders['if-none-match'] !== undefined ||
    requestHeaders['if-modified-since'] !== undefined ||
    requestHeaders['if-match'] !== undefined ||
    requestHeaders['if-unmodified-since'] !== undefined
  );
}

function applicableRanges(
  range: string,
  ifRange: string | undefined,
  representation: Representation,
  now: () => number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  if (ifRange !== undefined && !holdsIfRange(ifRange, representation, now)) return undefined;
  const ranges = selectRanges(range, representation.bytes);
  if (ranges === undefined || ranges === 'unsatisfiable' || ranges.length === 1) return ranges;
  // Content-Encoding would be about the multipart body, and a part of an encoded body cannot be decoded alone.
  return fieldOf(representation.headers, 'Content-Encoding') === undefined ? ranges : undefined;
}

function writeRanges(
  res: ServerResponse,
  ranges: readonly ByteRange[],
  representation: Representation,
  options: WriteOptions,
): readonly BodyPiece[] | undefined {
  const { headers, bytes, body } = representation;
  const [range] = ranges;
  if (ranges.length > 1 || range === undefined) {
    const parts = multipartRanges(ranges, { totalBytes: bytes, partType: fieldOf(headers, 'Content-Type') });
    writeHead(res, 206, partHeaders(representation, parts.bytes, { 'Content-Type': parts.contentType }), options);
    return parts.pieces;
  }
  const { start, end } = range;
  const own = { 'Content-Range': contentRange(range, bytes) };
  writeHead(res, 206, partHeaders(representation, end - start, own), options);
  if (body === undefined) return ranges;
  res.end(body.subarray(start, end));
  return undefined;
}

function writeNotModified(res: ServerResponse, representation: Representation, options: WriteOptions): undefined {
  for (const name of hiddenInNotModified(representation.etag)) res.removeHeader(name);
  writeHead(res, 304, notModifiedHeaders(representation), options);
  res.end();
}

function writeRefusal(res: ServerResponse, status: number, headers: HeaderFields, options: WriteOptions): undefined {
  writeHead(res, status, headers, options);
  res.end();
}
