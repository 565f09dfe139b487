import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type WriteOptions, writeHead } from '../write-response.ts';
import { type ByteRange, selectRanges } from './byte-ranges.ts';
import { type BodyPiece, contentRange, multipartRanges } from './multipart-ranges.ts';
import { evaluatePreconditions, holdsIfRange } from './preconditions.ts';
import type { HeaderFields, Representation } from './representation.ts';
import {
  fieldOf,
  fullHeaders,
  hidesInNotModified,
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
 * Responds to a GET or HEAD with a representation, with the ranges that the request selects (206 or 416), or with 304
 * or 412 by its preconditions. Releases the representation, also when it throws.
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or cannot be sent
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

/** Writes the head, and the body where it is in memory. Returns the pieces that must be streamed. */
function piecesFor(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Representation,
  options: WriteRepresentationOptions,
): readonly BodyPiece[] | undefined {
  const { now = Date.now } = options;
  const { status, bytes, body } = representation;
  const asked = req.headers;
  // RFC 9110 section 13.2.1: a response that is not a success does not depend on preconditions.
  const isJudged = status >= 200 && status < 300 && isConditional(asked);
  const verdict = isJudged ? evaluatePreconditions(asked, representation, now) : 'proceed';
  if (verdict === 'not-modified') return writeNotModified(res, representation, options);
  if (verdict === 'failed') return writeRefusal(res, 412, refusalHeaders(representation), options);
  if (asked.range !== undefined && req.method === 'GET' && status === 200) {
    const ranges = applicableRanges(asked.range, asked['if-range']?.toString(), representation, now);
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
function isConditional(asked: IncomingHttpHeaders): boolean {
  return (
    asked['if-none-match'] !== undefined ||
    asked['if-modified-since'] !== undefined ||
    asked['if-match'] !== undefined ||
    asked['if-unmodified-since'] !== undefined
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
  // Content-Encoding would count for the multipart body, and a part of an encoded body cannot be decoded by itself.
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
    const parts = multipartRanges(ranges, { ofBytes: bytes, partType: fieldOf(headers, 'Content-Type') });
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
  for (const name of hidesInNotModified(representation.etag)) res.removeHeader(name);
  writeHead(res, 304, notModifiedHeaders(representation), options);
  res.end();
}

function writeRefusal(res: ServerResponse, status: number, headers: HeaderFields, options: WriteOptions): undefined {
  writeHead(res, status, headers, options);
  res.end();
}
