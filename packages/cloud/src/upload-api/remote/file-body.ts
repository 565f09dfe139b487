import type { IncomingMessage } from 'node:http';

export interface FileBodyOptions {
  readonly maxBytes: number;
  /** Creates the refusal. */
  readonly refusal: (why: string) => Error;
  /** Says why the connection has ended. */
  readonly causeOf: (error: unknown) => string;
}

/**
 * Checks the head of a 200 response and returns its bytes. An incomplete body is an error: the end of the connection must not
 * look like the end of the file, so the length must be declared, or the body be chunked.
 *
 * @throws what `refusal` returns, also out of the returned bytes
 */
export function fileBody(response: IncomingMessage, options: FileBodyOptions): AsyncIterable<Uint8Array> {
  const { maxBytes, refusal } = options;
  const {
    'content-encoding': coding = 'identity',
    'content-length': length,
    'transfer-encoding': framing,
  } = response.headers;
  if (coding.trim().toLowerCase() !== 'identity') {
    throw refusal(`the response has the Content-Encoding ${coding.slice(0, 30)}, although identity was requested`);
  }
  if (length === undefined && framing === undefined) {
    throw refusal(
      'the response has neither a Content-Length nor chunks, so a part of the file cannot be told from all of it',
    );
  }
  if (Number(length) > maxBytes) throw tooLong(options);
  return countedBytes(response, options);
}

async function* countedBytes(response: IncomingMessage, options: FileBodyOptions): AsyncGenerator<Uint8Array> {
  const { maxBytes, refusal, causeOf } = options;
  const pieces: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => {
        throw refusal(causeOf(error));
      });
      if (next.done === true) break;
      bytes += next.value.length;
      if (bytes > maxBytes) throw tooLong(options);
      yield next.value;
    }
  } finally {
    response.destroy();
  }
  const { 'content-length': length } = response.headers;
  if (!response.complete || (length !== undefined && Number(length) !== bytes)) {
    throw refusal(causeOf(undefined));
  }
}

function tooLong({ maxBytes, refusal }: FileBodyOptions): Error {
  return refusal(`File size too large. At most ${maxBytes} bytes are accepted.`);
}
