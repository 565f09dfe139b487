import { decoded } from '@safelight/protocol';
import { badRequest } from './api-error.ts';

export interface DataUri {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const head = /^data:([^,;]{0,127})((?:;[^,;]{1,127}){0,8}),/i;

/**
 * Reads a `file` parameter that is text. It must be a data URI (RFC 2397).
 *
 * @returns the bytes, and the media type in lower case
 * @throws {ApiError} 400 when it is a remote URL (remote files are not fetched), another text, or a malformed data URI
 */
export function parseDataUri(text: string): DataUri {
  if (/^(?:https?|ftp|s3|gs):/i.test(text)) {
    throw badRequest('Fetching remote URLs is not offered here. Send the bytes of the file, or a data URI.');
  }
  const found = head.exec(text);
  if (found === null) throw badRequest('Invalid parameter file. Send the bytes of the file, or a data URI.');
  const [prefix, mediaType = '', parameters = ''] = found;
  const data = text.slice(prefix.length);
  const isBase64 = /;base64$/i.test(parameters);
  return { mediaType: mediaType.toLowerCase(), bytes: isBase64 ? fromBase64(data) : fromPercentText(data) };
}

function fromBase64(data: string): Buffer {
  const compact = data.replace(/[\r\n]/g, '');
  // `Buffer.from` skips unknown characters, so other bytes would be stored.
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact)) throw badRequest('Invalid parameter file: the data is not base64');
  return Buffer.from(compact, 'base64');
}

function fromPercentText(data: string): Buffer {
  const text = decoded(data);
  if (text !== undefined) return Buffer.from(text, 'utf8');
  throw badRequest('Invalid parameter file: the data is not percent-encoded text. Use base64.');
}
