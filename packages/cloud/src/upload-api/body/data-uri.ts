import { badRequest } from '../api-error.ts';
import type { ByteSource } from './byte-source.ts';
import { percentDecoded } from './percent-decoded.ts';

/** A data URI (RFC 2397), after its head was read. */
export interface DataUri {
  /** In lower case; '' when the URI names none. */
  readonly mediaType: string;
  /** Decoded while it is read. It throws an `ApiError` (400) when the data is malformed. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

const comma = Buffer.from(',');
const maxHeadBytes = 1_200;
const dataUriHead = /^data:([^,;]{0,127})((?:;[^,;]{1,127}){0,8})$/i;

/**
 * Reads the head of a data URI.
 *
 * @throws {ApiError} 400 when it is another text
 */
export async function openDataUri(source: ByteSource): Promise<DataUri> {
  const { bytes, isFound } = await source.allUntil(comma, maxHeadBytes, notDataUri);
  const found = isFound ? dataUriHead.exec(bytes.toString('latin1')) : null;
  if (found === null) throw notDataUri();
  const [, mediaType = '', parameters = ''] = found;
  const data = remaining(source);
  const isBase64 = /;base64$/i.test(parameters);
  return { mediaType: mediaType.toLowerCase(), bytes: isBase64 ? fromBase64(data) : fromPercentText(data) };
}

function notDataUri(): Error {
  return badRequest('Invalid parameter file. Send the bytes of the file, a data URI, or a URL with http or https.');
}

async function* remaining(source: ByteSource): AsyncGenerator<Buffer> {
  for (let chunk = await source.chunk(); chunk !== undefined; chunk = await source.chunk()) yield chunk;
}

/** `Buffer.from` skips characters that it does not know, so other bytes would be stored. They are refused instead. */
async function* fromBase64(data: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let rest = '';
  for await (const chunk of data) {
    const text = rest + chunk.toString('latin1').replace(/[\r\n]+/g, '');
    // Padding ends the data, so the text before the last four characters must have none.
    const end = Math.max(0, text.length - 4 - (text.length % 4));
    if (!/^[A-Za-z0-9+/_-]*$/.test(text.slice(0, end))) throw notBase64();
    rest = text.slice(end);
    if (end > 0) yield Buffer.from(text.slice(0, end), 'base64');
  }
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(rest)) throw notBase64();
  if (rest !== '') yield Buffer.from(rest, 'base64');
}

function notBase64(): Error {
  return badRequest('Invalid parameter file: the data is not base64');
}

async function* fromPercentText(data: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  try {
    yield* percentDecoded(data, { isForm: false });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Malformed percent-encoding')) throw error;
    throw badRequest('Invalid parameter file: the data is not percent-encoded text. Use base64.');
  }
}
