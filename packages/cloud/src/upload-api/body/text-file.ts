import { badRequest } from '../api-error.ts';
import { maxUrlBytes, remoteScheme, remoteSchemeBytes } from '../remote/file-url.ts';
import { ByteSource } from './byte-source.ts';
import { type DataUri, openDataUri } from './data-uri.ts';

/** A `file` parameter that is text: the URL of a remote file, or a data URI. */
export type TextFile = { readonly url: string } | DataUri;

/**
 * Reads a URL, or the head of a data URI.
 *
 * @returns `undefined` when the text is empty: then the call has no file
 * @throws {ApiError} 400 when it is another text, or a URL that is too long
 */
export async function openTextFile(text: AsyncIterable<Uint8Array>): Promise<TextFile | undefined> {
  const source = new ByteSource(text);
  const first = await source.peek(remoteSchemeBytes);
  if (first.length === 0) return undefined;
  return remoteScheme.test(first.toString('latin1')) ? { url: await urlText(source) } : openDataUri(source);
}

async function urlText(source: ByteSource): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (let chunk = await source.chunk(); chunk !== undefined; chunk = await source.chunk()) {
    bytes += chunk.length;
    if (bytes > maxUrlBytes) throw badRequest(`Invalid parameter file: the URL has more than ${maxUrlBytes} bytes.`);
    pieces.push(chunk);
  }
  return Buffer.concat(pieces).toString('utf8');
}
