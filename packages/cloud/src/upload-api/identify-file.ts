import { open } from 'node:fs/promises';
import { type Handler, type ProbedPicture, pictureFormatAt, TransformError } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { ApiError, badRequest } from './api-error.ts';
import { isPdf, mediaFormatOf, signatureBytes } from './media-signature.ts';
import { type FileName, splitFilename } from './public-id.ts';
import type { ReceivedFile } from './submission.ts';

/** The type and name of an uploaded file. */
export interface IdentifiedFile {
  readonly resourceType: ResourceType;
  /** The canonical extension; '' when it is not known. */
  readonly format: string;
  readonly picture: ProbedPicture | undefined;
  readonly filename: FileName;
}

/** The parameters of the upload that describe the file. */
interface ExpectedFile {
  readonly resourceType: ResourceType | 'auto';
  /** Replaces the name that the sender gave. */
  readonly filename: string | undefined;
  /** Formats that are accepted. `undefined`: all. */
  readonly allowedFormats: readonly string[] | undefined;
}

/**
 * Finds the type of an uploaded file. A file is an image when the handler's `probe` accepts it. With the type `auto`,
 * the bytes at its beginning tell video and audio files, which are of the type `video`; all other files are raw files. The
 * format of raw files comes from their name, and so does that of videos which are not `auto`.
 *
 * @throws {ApiError} 400 when the type is `image` and the file is not an image, when the type is `auto` and the file is a
 *   PDF that the handler cannot read, or when its format is not allowed; 503 when too many pictures wait to be read
 */
export async function identifyFile(
  file: ReceivedFile,
  expected: ExpectedFile,
  handler: Handler,
): Promise<IdentifiedFile> {
  const filename = splitFilename(expected.filename ?? file.filename ?? '');
  const namedFormat = filename.extension === '' ? formatOf(file.mediaType) : canonicalFormat(filename.extension);
  const identified = await probe(file, expected.resourceType, namedFormat, handler);
  if (expected.allowedFormats !== undefined) checkFormat(identified.format, expected.allowedFormats);
  return { ...identified, filename };
}

async function probe(
  { received }: ReceivedFile,
  type: ResourceType | 'auto',
  namedFormat: string,
  handler: Handler,
): Promise<Omit<IdentifiedFile, 'filename'>> {
  if (type === 'raw' || type === 'video') return { resourceType: type, format: namedFormat, picture: undefined };
  const head = type === 'auto' ? await readHead(received.localPath) : undefined;
  const mediaFormat = head && mediaFormatOf(head);
  if (mediaFormat !== undefined) return { resourceType: 'video', format: mediaFormat, picture: undefined };
  if (handler.probe === undefined) {
    const isImage = type === 'image' || imageFormats.has(namedFormat);
    if (!isImage && head && isPdf(head)) throw badRequest(pdfRefused);
    return { resourceType: isImage ? 'image' : 'raw', format: namedFormat, picture: undefined };
  }
  try {
    const picture = await handler.probe(received.localPath);
    return { resourceType: 'image', format: picture.format, picture };
  } catch (error) {
    if (!TransformError.is(error)) throw error;
    if (head && error.code === 'invalid_original') {
      if (isPdf(head)) throw badRequest(pdfRefused);
      // A damaged picture is not stored as another file.
      if (pictureFormatAt(head) !== undefined) throw badRequest(error.message);
      return { resourceType: 'raw', format: namedFormat, picture: undefined };
    }
    // The file is not at fault: the server is busy, or a process of it has ended.
    if (error.status >= 500)
      throw new ApiError(503, `The server could not read the file: ${error.message}.`, { 'retry-after': '2' });
    throw badRequest(error.code === 'invalid_original' ? error.message : `Invalid image file. ${error.message}`);
  }
}

/** Cloudinary would take it as an image, so a raw file would surprise. */
const pdfRefused =
  'A PDF cannot be delivered as an image here. Convert it to JPEG, PNG, WebP or AVIF, or upload it with resource_type raw.';

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(signatureBytes), 0, signatureBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function checkFormat(format: string, allowed: readonly string[]): void {
  if (allowed.length === 0 || allowed.map(canonicalFormat).includes(format)) return;
  throw badRequest(`Format ${format || 'unknown'} is not allowed. Allowed: ${allowed.join(', ')}`);
}

const imageFormats: ReadonlySet<string> = new Set(['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg']);

function formatOf(mediaType: string | undefined): string {
  const subtype = /^(?:image|video)\/([a-z0-9]{2,10})/.exec(mediaType ?? '')?.[1];
  return subtype === undefined ? '' : canonicalFormat(subtype);
}

function canonicalFormat(format: string): string {
  const lowerCase = format.trim().toLowerCase();
  if (lowerCase === 'jpeg' || lowerCase === 'jpe') return 'jpg';
  if (lowerCase === 'tif') return 'tiff';
  return lowerCase === 'quicktime' ? 'mov' : lowerCase;
}
