import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { ApiError, badRequest } from './api-error.ts';
import { type Fields, fieldCollector, maxFieldNameLength, maxFields } from './fields.ts';
import type { BodyLimits, ReceivedFile, ReceiveFile, Submission } from './submission.ts';

/**
 * Reads a multipart/form-data body (RFC 7578). The part called `file` streams to disk while it arrives; files under other
 * names are skipped. When anything goes wrong (or the client leaves) the bytes that arrived are removed again.
 *
 * @throws {ApiError} 400 when the body is malformed or has too many parts, 413 when the file is too large
 */
export async function readMultipart(
  req: IncomingMessage,
  limits: BodyLimits,
  receiveFile: ReceiveFile,
): Promise<Submission> {
  const abort = new AbortController();
  const started: { receiving?: Promise<ReceivedFile> } = {};
  try {
    const fields = await parseForm(req, limits, (file) => {
      started.receiving = receiveFile(file, abort.signal);
      return started.receiving;
    });
    return { fields, file: await started.receiving };
  } catch (error) {
    abort.abort(error);
    const file = await started.receiving?.catch(() => undefined);
    await file?.received.discard();
    throw error;
  }
}

type OnFile = (file: Parameters<ReceiveFile>[0]) => Promise<unknown>;

function parseForm(req: IncomingMessage, limits: BodyLimits, onFile: OnFile): Promise<Fields> {
  return new Promise((resolve, reject) => {
    const collector = fieldCollector();
    const parser = formParser(req, limits);
    let textLength = 0;
    let hasFile = false;

    const fail = (error: unknown): void => {
      req.unpipe(parser);
      // an open file part ends with this error too, so nobody waits for its rest
      parser.destroy(error instanceof Error ? error : new Error(String(error)));
      reject(error);
    };
    const attempt = (step: () => void): void => {
      try {
        step();
      } catch (error) {
        fail(error);
      }
    };

    parser.on('field', (name, value, info) =>
      attempt(() => {
        textLength += value.length;
        if (info.nameTruncated) throw badRequest(`A parameter name is longer than ${maxFieldNameLength} bytes`);
        if (info.valueTruncated || textLength > limits.maxTextLength) {
          throw new ApiError(413, `The text parameters are longer than ${limits.maxTextLength} characters`);
        }
        if ((name ?? '') !== '') collector.add(name, value);
      }),
    );
    parser.on('file', (name, stream, info) =>
      attempt(() => {
        // what ends an open part ends the parser too, which reports it
        stream.on('error', () => undefined);
        if (name !== 'file') {
          stream.resume();
          return;
        }
        if (hasFile) throw badRequest('More than one file was sent. Send one file in each call.');
        hasFile = true;
        const mediaType = info.mimeType.toLowerCase();
        onFile({ source: stream, filename: info.filename, mediaType, fields: collector.fields() }).catch(fail);
      }),
    );
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => fail(badRequest(`Too many parameters. At most ${maxFields} are accepted.`)));
    }
    parser.on('error', (error: Error) =>
      fail(error instanceof ApiError ? error : badRequest(`Malformed multipart body: ${error.message}`)),
    );
    parser.on('close', () => attempt(() => resolve(collector.fields())));
    req.on('error', fail);
    req.on('close', () => {
      if (!req.complete) fail(badRequest('The client left before the body was complete'));
    });
    req.pipe(parser);
  });
}

function formParser(req: IncomingMessage, limits: BodyLimits): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: {
        fields: maxFields,
        files: 10,
        parts: maxFields + 10,
        fieldNameSize: maxFieldNameLength,
        fieldSize: limits.maxTextLength,
      },
    });
  } catch (cause) {
    throw badRequest(`Malformed multipart body: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
