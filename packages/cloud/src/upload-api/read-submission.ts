import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest, tooLarge } from './api-error.ts';
import type { BodyLimits } from './body/body-limits.ts';
import type { BodyFile, BodyReader } from './body/body-reader.ts';
import { openDataUri } from './body/data-uri.ts';
import { incomingBytes } from './body/incoming-bytes.ts';
import { jsonBody } from './body/json-body.ts';
import { multipartBody } from './body/multipart-body.ts';
import { parsedBody } from './body/parsed-body.ts';
import { urlencodedBody } from './body/urlencoded-body.ts';
import type { Fields, ReceivedFile, ReceiveFile, Submission } from './submission.ts';

export interface SubmissionLimits extends BodyLimits {
  readonly maxUploadBytes: number;
}

/**
 * Reads the body of a call: multipart, urlencoded or JSON. A `file` that is text must be a data URI. In each of them a
 * file goes to the disk while it arrives. After an error, or when the client closes the connection, the received bytes
 * are removed.
 *
 * @throws {ApiError} 400 when it is malformed, 408 when it is too slow, 413 when it is too large, 415 when it has another
 *   media type or a content coding
 */
export async function readSubmission(
  req: IncomingMessage,
  limits: SubmissionLimits,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const bytes = incomingBytes(req, {
    maxBytes: maxBodyBytes(limits),
    tooLarge: () => tooLarge(limits.maxUploadBytes),
    maxIdleMs: limits.maxIdleMs,
  });
  let file: ReceivedFile | undefined;
  let files = 0;
  try {
    const body = bodyOf(req, bytes, limits);
    for (let next = await body.nextFile(); next !== undefined; next = await body.nextFile()) {
      files += 1;
      // Empty ones count too, because the parameters are read anew for each.
      if (files > 1) throw badRequest('More than one file was sent. Send one file in each call.');
      file = await receive(next, body.fields(), receiveFile);
    }
    const fields = body.fields();
    if (fields.get('file')) throw badRequest('Invalid parameter file. Send the bytes of the file, or a data URI.');
    return { fields, file };
  } catch (error) {
    await file?.received.discard();
    throw error;
  } finally {
    // Nothing else may read the request while this does, and the rest of a refused one must be discarded.
    void bytes.return(undefined);
  }
}

/**
 * The most bytes of a body for one byte of its file: in a urlencoded data URI each character may be escaped, and base64 has
 * four characters for three bytes.
 */
const maxExpansion = 4;

/** The maximum size of a whole body in bytes. */
export function maxBodyBytes({ maxUploadBytes, maxFieldBytes }: SubmissionLimits): number {
  return maxExpansion * (maxUploadBytes + maxFieldBytes);
}

function bodyOf(req: IncomingMessage, bytes: AsyncIterable<Uint8Array>, limits: SubmissionLimits): BodyReader {
  const { body } = req as { readonly body?: unknown };
  // An earlier body parser, such as `express.json()`, has read the stream and set `req.body`.
  if (req.readableEnded && typeof body === 'object') return parsedBody(body ?? {}, limits);
  const contentType = req.headers['content-type'] ?? '';
  const coding = req.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity') {
    throw new ApiError(415, `Content-Encoding ${coding.slice(0, 50)} is not accepted. Send the body without one.`, {
      'accept-encoding': 'identity',
    });
  }
  switch (contentType.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'multipart/form-data':
      return multipartBody(bytes, contentType, limits);
    case 'application/x-www-form-urlencoded':
      return urlencodedBody(bytes, limits);
    case 'application/json':
      return jsonBody(bytes, limits);
    default:
      return otherBody(bytes);
  }
}

/** A call without parameters may have no media type. */
function otherBody(bytes: AsyncIterable<Uint8Array>): BodyReader {
  return {
    fields: () => new Map(),
    async nextFile() {
      for await (const _ of bytes) {
        throw new ApiError(
          415,
          'Unsupported content type. Send multipart/form-data, application/x-www-form-urlencoded or application/json.',
        );
      }
      return undefined;
    },
  };
}

async function receive(
  { isText, filename, mediaType, content }: BodyFile,
  fields: Fields,
  receiveFile: ReceiveFile,
): Promise<ReceivedFile | undefined> {
  if (!isText) return receiveFile({ source: content, filename, mediaType, fields });
  const text = await openDataUri(content);
  return text && receiveFile({ source: text.bytes, filename, mediaType: text.mediaType, fields });
}
