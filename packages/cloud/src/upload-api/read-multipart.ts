import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { ApiError, badRequest } from './api-error.ts';
import { type FieldPair, maxFieldNameLength, maxFields } from './fields.ts';

/** The file of a form, while its bytes arrive. */
export interface FormFile {
  readonly source: Readable;
  readonly filename: string | undefined;
  /** As the sender declared it, lower case. */
  readonly mediaType: string;
  /** The parameters that came before it. */
  readonly earlier: readonly FieldPair[];
}

/**
 * Reads a multipart/form-data body (RFC 7578). Files under other names than `file` are skipped.
 *
 * @param onFile - takes the bytes of the part called `file`; when it rejects, nothing more is read
 * @returns the parameters, in the order in which they came
 * @throws {ApiError} 400 when the body is malformed or has too many parts, 413 when its texts are too long; a file whose
 *   bytes are still arriving then ends with the same error
 */
export function readMultipart(
  req: IncomingMessage,
  maxTextLength: number,
  onFile: (file: FormFile) => Promise<unknown>,
): Promise<readonly FieldPair[]> {
  return new Promise((resolve, reject) => {
    const pairs: FieldPair[] = [];
    const parser = formParser(req, maxTextLength);
    let textLength = 0;
    let hasFile = false;

    const fail = (error: unknown): void => {
      req.unpipe(parser);
      // An open file part ends with this error too, so nothing waits for its rest.
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
      // An error of an open part is an error of the parser too, which reports it.
      stream.on('error', () => undefined);
      if (name !== 'file') return void stream.resume();
      if (hasFile) return fail(badRequest('More than one file was sent. Send one file in each call.'));
      hasFile = true;
      const mediaType = info.mimeType.toLowerCase();
      onFile({ source: stream, filename: info.filename, mediaType, earlier: [...pairs] }).catch(fail);
    });
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => fail(badRequest(`Too many parameters. At most ${maxFields} are accepted.`)));
    }
    parser.on('error', (error: Error) =>
      fail(error instanceof ApiError ? error : badRequest(`Malformed multipart body: ${error.message}`)),
    );
    parser.on('close', () => resolve(pairs));
    req.on('error', fail);
    req.on('close', () => {
      if (!req.complete) fail(badRequest('The client left before the body was complete'));
    });
    req.pipe(parser);
  });
}

/**
 * busboy and not its fork `@fastify/busboy` (3.2 was tried): the fork ignores `filename*` (RFC 5987), in which clients such
 * as .NET's send names beyond ASCII, and a file part that is open neither ends nor fails when its parser is destroyed.
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
