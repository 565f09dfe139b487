import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  fieldOf,
  fullHeaders,
  hidesInNotModified,
  notModifiedHeaders,
  partHeaders,
  refusalHeaders,
} from './answer-headers.ts';
import { besideApplication } from './beside-application.ts';
import { type ByteRange, selectRanges } from './byte-ranges.ts';
import { contentRange, multipartRanges, type Piece } from './multipart-ranges.ts';
import { evaluatePreconditions, holdsIfRange } from './preconditions.ts';
import type { HeaderFields, Representation } from './representation.ts';
import { streamPieces } from './stream-pieces.ts';

export type { Representation } from './representation.ts';

export interface WriteRepresentationOptions {
  /** Is told when reading the bytes fails after the status line; the connection ends then. */
  readonly onError: (error: unknown) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Answers a GET or HEAD with a representation, with what a range asks of it, or with what its preconditions make of it:
 * 304 or 412. Releases it, also when it throws.
 * @throws {Error} as `res.writeHead` does: when headers were sent already, or cannot be sent
 */
export function writeRepresentation(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Representation,
  { onError, now = Date.now }: WriteRepresentationOptions,
): void {
  let pieces: readonly Piece[] | undefined;
  try {
    pieces = write(req, res, representation, now);
  } finally {
    if (pieces === undefined) representation.release();
  }
  if (pieces !== undefined) streamPieces(res, pieces, representation, onError);
}

/** Writes all but what has to be streamed, which it returns. */
function write(
  req: IncomingMessage,
  res: ServerResponse,
  representation: Representation,
  now: () => number,
): readonly Piece[] | undefined {
  const { status, bytes, body } = representation;
  const asked = req.headers;
  // RFC 9110 section 13.2.1: an answer that is no success does not depend on preconditions.
  const verdict = status >= 200 && status < 300 ? evaluatePreconditions(asked, representation, now) : 'proceed';
  if (verdict === 'not-modified') return writeNotModified(res, representation);
  if (verdict === 'failed') return writeRefusal(res, 412, refusalHeaders(representation));
  if (asked.range !== undefined && req.method === 'GET' && status === 200) {
    const ranges = applicableRanges(asked.range, asked['if-range']?.toString(), representation, now);
    if (ranges === 'unsatisfiable') {
      const headers = { ...refusalHeaders(representation), 'Content-Range': contentRange(undefined, bytes) };
      return writeRefusal(res, 416, headers);
    }
    if (ranges !== undefined) return writeRanges(res, ranges, representation);
  }
  res.writeHead(status, besideApplication(res, fullHeaders(representation)));
  if (req.method === 'HEAD' || bytes === 0) res.end();
  else if (body !== undefined) res.end(body);
  else return [{ start: 0, end: bytes }];
  return undefined;
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
  // The encoding would be taken for that of the multipart body, and a part of it is none by itself.
  return fieldOf(representation.headers, 'Content-Encoding') === undefined ? ranges : undefined;
}

function writeRanges(
  res: ServerResponse,
  ranges: readonly ByteRange[],
  representation: Representation,
): readonly Piece[] | undefined {
  const { headers, bytes, body } = representation;
  const [range] = ranges;
  if (ranges.length > 1 || range === undefined) {
    const parts = multipartRanges(ranges, { ofBytes: bytes, partType: fieldOf(headers, 'Content-Type') });
    writePart(res, representation, parts.bytes, { 'Content-Type': parts.contentType });
    return parts.pieces;
  }
  const { start, end } = range;
  writePart(res, representation, end - start, { 'Content-Range': contentRange(range, bytes) });
  if (body === undefined) return ranges;
  res.end(body.subarray(start, end));
  return undefined;
}

function writePart(res: ServerResponse, representation: Representation, bytes: number, own: HeaderFields): void {
  res.writeHead(206, besideApplication(res, partHeaders(representation, bytes, own)));
}

function writeNotModified(res: ServerResponse, representation: Representation): undefined {
  for (const name of hidesInNotModified(representation.etag)) res.removeHeader(name);
  res.writeHead(304, besideApplication(res, notModifiedHeaders(representation)));
  res.end();
}

function writeRefusal(res: ServerResponse, status: number, headers: HeaderFields): undefined {
  res.writeHead(status, besideApplication(res, headers));
  res.end();
}
