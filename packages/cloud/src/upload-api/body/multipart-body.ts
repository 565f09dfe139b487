import { MIMEType } from 'node:util';
import { badRequest } from '../api-error.ts';
import type { BodyLimits } from './body-limits.ts';
import type { BodyFile, BodyReader } from './body-reader.ts';
import { ByteSource } from './byte-source.ts';
import { createFieldCollector, tooLong } from './field-collector.ts';
import { type PartHead, partHead } from './part-head.ts';

const lineEnd = '\r\n';
const headEnd = Buffer.from('\r\n\r\n');
const maxHeadBytes = 16_384;
/** RFC 2046 section 5.1.1. The search for a long one would not be linear. */
const maxBoundaryLength = 70;
/** Parts with another name than `file` that carry a file are skipped. */
const maxSkipped = 10;

/**
 * Reads a multipart/form-data body (RFC 7578). busboy, which many servers use, reads a text part into memory before it
 * says anything about the part; a `file` that is a data URI may have 100 MB.
 *
 * @throws {ApiError} 400 when the media type has no boundary
 */
export function multipartBody(bytes: AsyncIterable<Uint8Array>, contentType: string, limits: BodyLimits): BodyReader {
  const delimiter = `${lineEnd}--${boundaryOf(contentType)}`;
  // The first delimiter may have no line before it.
  const source = new ByteSource(bytes, lineEnd);
  const end = Buffer.from(delimiter);
  const collector = createFieldCollector(limits);
  const nextContent = () => source.until(end, () => malformed('it ends before its last boundary'));
  let content = nextContent();
  let skipped = 0;

  /** Reads to the head of the next part; `undefined` at the end of the form. */
  async function nextHead(): Promise<PartHead | undefined> {
    for await (const _ of content); // What was not read is skipped.
    const tooLongHead = () => malformed('the head of a part is too long');
    const { bytes: head, isFound } = await source.allUntil(headEnd, maxHeadBytes, tooLongHead);
    const text = head.toString('utf8');
    // After the last delimiter stands `--`, and no head.
    if (!isFound || text.startsWith('--')) return undefined;
    content = nextContent();
    return partHead(text);
  }

  async function textOfPart(name: string): Promise<string> {
    const pieces: Buffer[] = [];
    let size = Buffer.byteLength(name);
    for await (const piece of content) {
      size += piece.length;
      if (size > collector.bytesLeft()) throw tooLong(limits.maxFieldBytes);
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }

  return {
    fields: collector.fields,
    async nextFile(): Promise<BodyFile | undefined> {
      for (let head = await nextHead(); head !== undefined; head = await nextHead()) {
        const { name, filename, mediaType, isText } = head;
        collector.count();
        if (name === 'file') return { isText, filename, mediaType, content };
        if (!isText) {
          skipped += 1;
          if (skipped > maxSkipped) throw badRequest('Too many files. Send one file in each call.');
        } else if (name !== '') collector.add(name, await textOfPart(name));
      }
      return undefined;
    },
  };
}

function boundaryOf(contentType: string): string {
  let boundary: string | null;
  try {
    boundary = new MIMEType(contentType).params.get('boundary');
  } catch {
    throw malformed('its Content-Type cannot be read');
  }
  if (boundary === null || boundary === '') throw malformed('its Content-Type has no boundary');
  if (boundary.length > maxBoundaryLength)
    throw malformed(`its boundary is longer than ${maxBoundaryLength} characters`);
  return boundary;
}

function malformed(why: string): Error {
  return badRequest(`Malformed multipart body: ${why}`);
}
