import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.ts';
import { parseDataUri } from './data-uri.ts';
import { type Fields, fieldCollector, fieldsOf } from './fields.ts';
import { readMultipart } from './read-multipart.ts';
import type { BodyLimits, ReceivedFile, ReceiveFile, Submission } from './submission.ts';

/**
 * Reads a call's body: multipart, urlencoded or JSON. A `file` that is text must be a data URI.
 *
 * @throws {ApiError} 400 malformed, 413 too large, 415 of another media type
 */
export async function readSubmission(
  req: IncomingMessage,
  limits: BodyLimits,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const mediaType = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'multipart/form-data' && !wasRead(req)) {
    const submission = await readMultipart(req, limits, receiveFile);
    return withTextFile(submission.fields, submission.file, receiveFile);
  }
  return withTextFile(await readFields(req, mediaType, limits), undefined, receiveFile);
}

async function readFields(req: IncomingMessage, mediaType: string, limits: BodyLimits): Promise<Fields> {
  if (wasRead(req)) return fieldsOf((req as { readonly body?: unknown }).body ?? {});
  const text = await readText(req, limits.maxTextLength);
  if (text === '') return new Map();
  if (mediaType === 'application/json') return fieldsOf(parseJson(text));
  if (mediaType === 'application/x-www-form-urlencoded') {
    const collector = fieldCollector();
    for (const [name, value] of new URLSearchParams(text)) collector.add(name, value);
    return collector.fields();
  }
  throw new ApiError(
    415,
    'Unsupported content type. Send multipart/form-data, application/x-www-form-urlencoded or application/json.',
  );
}

/** A body parser in front of us (`express.json()`) has taken the stream and left its result in `req.body`. */
function wasRead(req: IncomingMessage): boolean {
  return req.readableEnded && typeof (req as { readonly body?: unknown }).body === 'object';
}

async function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // `destroyOnReturn: false`: a refusal must still reach the client on this connection
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes)
      throw new ApiError(413, `The body is larger than ${maxBytes} bytes. Send files as multipart.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON');
  }
}

async function withTextFile(
  fields: Fields,
  file: ReceivedFile | undefined,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const text = fields.get('file');
  if (text === undefined || text === '') return { fields, file };
  if (file !== undefined) {
    await file.received.discard();
    throw badRequest('More than one file was sent. Send one file in each call.');
  }
  const { bytes, mediaType } = parseDataUri(text);
  const source = (async function* once() {
    yield bytes;
  })();
  const others = withoutFile(fields);
  const whole = { source, filename: undefined, mediaType, fields: others };
  return { fields: others, file: await receiveFile(whole, new AbortController().signal) };
}

/** The text of a data URI is not kept in memory once its bytes are on disk. */
function withoutFile(fields: Fields): Fields {
  return new Map([...fields].filter(([name]) => name !== 'file'));
}
