import type { IncomingMessage } from 'node:http';
import { ApiError, badRequest } from './api-error.ts';
import { checkJson, checkUrlencoded } from './body-shape.ts';
import { parseDataUri } from './data-uri.ts';
import { type FieldPair, fieldsFrom, readMultipart } from './read-multipart.ts';
import type { Fields, ReceiveFile, Submission } from './submission.ts';

/**
 * Reads the body of a call: multipart, urlencoded or JSON. A `file` that is text must be a data URI. After an error, or
 * when the client closes the connection, the received bytes are removed.
 *
 * @param maxTextLength - the maximum length, in characters, of a body in memory and of the text parameters of a form
 *   (data URIs included)
 * @throws {ApiError} 400 when it is malformed, 413 when it is too large, 415 when it has another media type
 */
export async function readSubmission(
  req: IncomingMessage,
  maxTextLength: number,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const { body } = req as { readonly body?: unknown };
  // An earlier body parser, such as `express.json()`, has read the stream and set `req.body`.
  const isParsed = req.readableEnded && typeof body === 'object';
  const mediaType = (req.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isForm = mediaType === 'multipart/form-data' && !isParsed;
  if (isForm) return withTextFile(await readMultipart(req, maxTextLength, receiveFile), receiveFile);
  const fields = isParsed ? fieldsOf(body ?? {}) : await readFields(req, mediaType, maxTextLength);
  return withTextFile({ fields, file: undefined }, receiveFile);
}

/** Receives the file when it came as text. The text leaves the memory once the bytes are on disk. */
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

/**
 * Reads the parameters of a parsed body. Lists of plain values are joined by commas. Other structures become JSON text.
 * A parameter that is `null` is absent.
 */
export function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('The body must be a JSON object of parameters');
  }
  const pairs: FieldPair[] = [];
  for (const [name, value] of Object.entries(body)) {
    const text = textOfField(value);
    if (text !== undefined) pairs.push([name.endsWith('[]') ? name.slice(0, -2) : name, text]);
  }
  return fieldsFrom(pairs);
}

/**
 * Reads a body that is not multipart.
 *
 * @param mediaType - in lower case, without parameters
 * @throws {ApiError} 400 when it is malformed, 413 when it is larger than `maxBytes`, 415 when it has another media
 *   type
 */
async function readFields(req: IncomingMessage, mediaType: string, maxBytes: number): Promise<Fields> {
  const text = await readText(req, maxBytes);
  if (text === '') return new Map();
  if (mediaType === 'application/json') return fieldsOf(parseBody(text));
  if (mediaType === 'application/x-www-form-urlencoded') {
    checkUrlencoded(text);
    return fieldsFrom(new URLSearchParams(text));
  }
  throw new ApiError(
    415,
    'Unsupported content type. Send multipart/form-data, application/x-www-form-urlencoded or application/json.',
  );
}

async function readText(req: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // `destroyOnReturn: false` keeps the connection open, so that the client gets the error response.
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes)
      throw new ApiError(413, `The body is larger than ${maxBytes} bytes. Send files as multipart.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): unknown {
  checkJson(text);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is not valid JSON');
  }
}

function textOfField(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
