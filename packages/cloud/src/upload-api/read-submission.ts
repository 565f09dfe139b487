import type { IncomingMessage } from 'node:http';
import type { ReceivedBytes } from '@safelight/core';
import { badRequest } from './api-error.ts';
import { parseDataUri } from './data-uri.ts';
import { type Fields, fieldsFrom, fieldsOf, readFields } from './fields.ts';
import { readMultipart } from './read-multipart.ts';

/** What the body of a call holds. */
export interface Submission {
  readonly fields: Fields;
  readonly file: ReceivedFile | undefined;
}

/** A file that has arrived: durable, not visible yet. */
export interface ReceivedFile {
  readonly received: ReceivedBytes;
  /** The uploader's name for it, without folders. */
  readonly filename: string | undefined;
  /** As the uploader declared it, lower case. */
  readonly mediaType: string | undefined;
}

/** A file whose bytes are arriving. */
export interface FileSource {
  readonly source: AsyncIterable<Uint8Array>;
  readonly filename: string | undefined;
  readonly mediaType: string | undefined;
  /** The parameters that came before it. When none follow, the submission has this same object. */
  readonly fields: Fields;
}

/**
 * Makes a file's bytes durable.
 *
 * @throws {ApiError} when they are too many; nothing is left of them then
 */
export type ReceiveFile = (file: FileSource, signal: AbortSignal) => Promise<ReceivedFile>;

/**
 * Reads the body of a call: multipart, urlencoded or JSON. A `file` that is text must be a data URI. When anything goes
 * wrong (or the client leaves) the bytes that arrived are removed again.
 *
 * @param maxTextLength - characters of a body that is held in memory, and of the text parameters of a form (data URIs
 *   included)
 * @throws {ApiError} 400 malformed, 413 too large, 415 of another media type
 */
export async function readSubmission(
  req: IncomingMessage,
  maxTextLength: number,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const { body } = req as { readonly body?: unknown };
  // A body parser in front of us (`express.json()`) has taken the stream and left its result in `req.body`.
  const isParsed = req.readableEnded && typeof body === 'object';
  const mediaType = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isForm = mediaType === 'multipart/form-data' && !isParsed;
  if (isForm) return withTextFile(await readForm(req, maxTextLength, receiveFile), receiveFile);
  const fields = isParsed ? fieldsOf(body ?? {}) : await readFields(req, mediaType, maxTextLength);
  return withTextFile({ fields, file: undefined }, receiveFile);
}

async function readForm(req: IncomingMessage, maxTextLength: number, receiveFile: ReceiveFile): Promise<Submission> {
  const abort = new AbortController();
  const started: { fields?: Fields; pairs?: number; receiving?: Promise<ReceivedFile> } = {};
  try {
    const pairs = await readMultipart(req, maxTextLength, async ({ earlier, ...file }) => {
      const fields = fieldsFrom(earlier);
      const receiving = receiveFile({ ...file, fields }, abort.signal);
      Object.assign(started, { fields, pairs: earlier.length, receiving });
      await receiving;
    });
    const { fields } = started;
    const isWhole = fields !== undefined && started.pairs === pairs.length;
    return { fields: isWhole ? fields : fieldsFrom(pairs), file: await started.receiving };
  } catch (error) {
    abort.abort(error);
    const file = await started.receiving?.catch(() => undefined);
    await file?.received.discard();
    throw error;
  }
}

/** Receives a file that came as text, if one did. Its text is not kept in memory once its bytes are on disk. */
async function withTextFile(submission: Submission, receiveFile: ReceiveFile): Promise<Submission> {
  const text = submission.fields.get('file');
  if (text === undefined || text === '') return submission;
  if (submission.file !== undefined) {
    await submission.file.received.discard();
    throw badRequest('More than one file was sent. Send one file in each call.');
  }
  const { bytes, mediaType } = parseDataUri(text);
  const source = (async function* once() {
    yield bytes;
  })();
  const fields: Fields = new Map([...submission.fields].filter(([name]) => name !== 'file'));
  const file = await receiveFile({ source, filename: undefined, mediaType, fields }, new AbortController().signal);
  return { fields, file };
}
