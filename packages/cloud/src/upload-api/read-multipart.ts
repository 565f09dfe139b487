import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { ApiError, badRequest } from './api-error.ts';
import { maxFields } from './body-shape.ts';
import type { Fields, FileSource, ReceivedFile, ReceiveFile, Submission } from './submission.ts';

/** A parameter, in the form in which it was sent. */
export type FieldPair = readonly [name: string, value: string];

const maxFieldNameLength = 100;
/** The maximum length of one value, in characters. `file`, which may be a data URI, has another limit. */
const maxFieldLength = 65_536;

/**
 * Reads a multipart/form-data body (RFC 7578). Files with another name than `file` are skipped. After an error the
 * received bytes are removed.
 *
 * @throws {ApiError} 400 when the body is malformed or has too many parts, or a parameter is repeated or too long; 413
 *   when its text parameters are too long
 */
export async function readMultipart(
  req: IncomingMessage,
  maxTextLength: number,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const abort = new AbortController();
  let receiving: Promise<ReceivedFile> | undefined;
  try {
    const fields = await readParts(req, maxTextLength, (file) => {
      receiving = receiveFile(file, abort.signal);
      return receiving;
    });
    return { fields, file: await receiving };
  } catch (error) {
    abort.abort(error);
    const file = await receiving?.catch(() => undefined);
    await file?.received.discard();
    throw error;
  }
}

/**
 * @param onFile - receives the bytes of the part `file`; when it rejects, reading stops
 * @returns the parameters
 * @throws {ApiError} like `readMultipart`; a file that is still being received ends with the same error
 */
function readParts(
  req: IncomingMessage,
  maxTextLength: number,
  onFile: (file: FileSource) => Promise<unknown>,
): Promise<Fields> {
  return new Promise((resolve, reject) => {
    const pairs: FieldPair[] = [];
    const parser = formParser(req, maxTextLength);
    let textLength = 0;
    let hasFile = false;
    let beforeFile: { readonly fields: Fields; readonly count: number } | undefined;

    const receive = async (file: Omit<FileSource, 'fields'>): Promise<void> => {
      beforeFile = { fields: fieldsFrom(pairs), count: pairs.length };
      await onFile({ ...file, fields: beforeFile.fields });
    };
    const allFields = () => (beforeFile?.count === pairs.length ? beforeFile.fields : fieldsFrom(pairs));
    let hasFailed = false;
    const fail = (error: unknown): void => {
      hasFailed = true;
      req.unpipe(parser);
      // An open file part ends with this error too, so that its reader does not wait for more bytes.
      parser.destroy(error instanceof Error ? error : new Error(String(error)));
      reject(error);
    };

    parser.on('field', (name, value, info) => {
      textLength += value.length;
      if (info.nameTruncated) return fail(badRequest(`A parameter name is longer than ${maxFieldNameLength} bytes`));
      if (info.valueTruncated || textLength > maxTextLength) {
        return fail(new ApiError(413, `The text parameters are longer than ${maxTextLength} characters`));
      }
      if ((name ?? '') !== '') pairs.push([name, value]);
    });
    parser.on('file', (name, stream, info) => {
      // The parser reports the error of an open part.
      stream.on('error', () => undefined);
      if (name !== 'file') return void stream.resume();
      if (hasFile) return fail(badRequest('More than one file was sent. Send one file in each call.'));
      hasFile = true;
      const mediaType = info.mimeType.toLowerCase();
      receive({ source: stream, filename: info.filename, mediaType }).catch(fail);
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => fail(badRequest(`Too many parameters. At most ${maxFields} are accepted.`)));
    }
    parser.on('error', (error: Error) =>
      fail(error instanceof ApiError ? error : badRequest(`Malformed multipart body: ${error.message}`)),
    );
    parser.on('close', () => {
      // The parser closes after each error, too.
      if (hasFailed) return;
      try {
        resolve(allFields());
      } catch (error) {
        fail(error);
      }
    });
    req.on('error', fail);
    req.on('close', () => {
      if (!req.complete) fail(badRequest('The client left before the body was complete'));
    });
    req.pipe(parser);
  });
}

/**
 * Uses busboy and not its fork `@fastify/busboy` (3.2 was tried). The fork ignores `filename*` (RFC 5987), in which
 * clients such as .NET's HttpClient send names that are not ASCII. With the fork, an open file part neither ends nor
 * fails when its parser is destroyed.
 */
function formParser(req: IncomingMessage, maxTextLength: number): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: {
        fields: maxFields,
        files: 10,
        parts: maxFields + 10,
        fieldNameSize: maxFieldNameLength,
        fieldSize: maxTextLength,
      },
    });
  } catch (cause) {
    throw badRequest(`Malformed multipart body: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/**
 * Reads the parameters of a form. Only `name[]` may be repeated: a signature covers one value, and the server cannot
 * know which of two values is right.
 *
 * @throws {ApiError} 400 when a parameter is repeated or too long, or there are too many
 */
export function fieldsFrom(pairs: Iterable<FieldPair>): Fields {
  const values = new Map<string, { readonly isList: boolean; readonly items: string[] }>();
  let count = 0;
  for (const [name, value] of pairs) {
    count += 1;
    if (count > maxFields) throw badRequest(`Too many parameters. At most ${maxFields} are accepted.`);
    if (name.length > maxFieldNameLength) {
      throw badRequest(`A parameter name is longer than ${maxFieldNameLength} characters`);
    }
    const isList = name.endsWith('[]');
    const bareName = isList ? name.slice(0, -2) : name;
    if (bareName !== 'file' && value.length > maxFieldLength) {
      throw badRequest(`Parameter ${bareName} is longer than ${maxFieldLength} characters`);
    }
    const known = values.get(bareName);
    if (known === undefined) values.set(bareName, { isList, items: [value] });
    else if (isList && known.isList) known.items.push(value);
    else throw badRequest(`Parameter ${bareName} was sent more than once. Send it once.`);
  }
  return new Map([...values].map(([name, { items }]) => [name, items.join(',')]));
}
