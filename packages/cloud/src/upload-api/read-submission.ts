import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest, tooLarge } from './api-error.ts';
import type { BodyLimits } from './body/body-limits.ts';
import type { BodyFile, BodyReader } from './body/body-reader.ts';
import { incomingBytes } from './body/incoming-bytes.ts';
import { jsonBody } from './body/json-body.ts';
import { multipartBody } from './body/multipart-body.ts';
import { readBefore } from './body/read-before.ts';
import { openTextFile } from './body/text-file.ts';
import { urlencodedBody } from './body/urlencoded-body.ts';
import type { Fields, ReceiveFile, Submission } from './submission.ts';

export interface SubmissionLimits extends BodyLimits {
  readonly maxUploadBytes: number;
}

/**
 * Reads the body of a call: multipart, urlencoded or JSON. A `file` that is text is a data URI or a URL. In each of
 * them a file goes to the disk while it arrives. A URL is not fetched here. After an error, or when the client closes the connection, the received bytes
 * are removed.
 *
 * @throws {ApiError} 400 when it is malformed, has a content coding, or was read by other code before; 408 when it is too
 *   slow, 413 when it is too large, 415 when it has another media type
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
  let sent: SentFile = {};
  let files = 0;
  try {
    const body = bodyOf(req, bytes, limits);
    for (let next = await body.nextFile(); next !== undefined; next = await body.nextFile()) {
      files += 1;
      // Empty ones count too, because the parameters are read anew for each.
      if (files > 1) throw badRequest('More than one file was sent. Send one file in each call.');
      sent = await receive(next, body.fields(), receiveFile);
    }
    const fields = body.fields();
    if (fields.get('file')) throw badRequest('Invalid parameter file. Send the bytes of the file, or a data URI.');
    return { fields, file: sent.file, url: sent.url };
  } catch (error) {
    await sent.file?.received.discard();
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
  if (req.readableDidRead) throw readBefore(req);
  const contentType = req.headers['content-type'] ?? '';
  const coding = req.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (coding !== '' && coding !== 'identity') {
    // The official SDKs show the message of a 400, and not that of a 415.
    const message = `The body has the Content-Encoding ${coding.slice(0, 50)}. Send it uncompressed, without Content-Encoding.`;
    throw new ApiError(400, message, { 'accept-encoding': 'identity' });
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

/** The parameter `file`: bytes that were received, or a URL. Neither when it is absent or empty. */
type SentFile = Partial<Pick<Submission, 'file' | 'url'>>;

async function receive(
  { isText, filename, mediaType, content }: BodyFile,
  fields: Fields,
  receiveFile: ReceiveFile,
): Promise<SentFile> {
  if (!isText) return { file: await receiveFile({ source: content, filename, mediaType, fields }) };
  const text = await openTextFile(content);
  if (text === undefined || 'url' in text) return text ?? {};
  return { file: await receiveFile({ source: text.bytes, filename, mediaType: text.mediaType, fields }) };
}
