import { type Handler, type ProbedPicture, TransformError } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import type { ReceivedFile } from './read-submission.ts';

/** What a file turned out to be. */
export interface FileFacts {
  readonly resourceType: ResourceType;
  /** Canonical extension; '' when nothing tells. */
  readonly format: string;
  readonly picture: ProbedPicture | undefined;
  readonly filename: FileName;
}

/** A file's name without folders, control characters and extension, bounded; '' for what it does not have. */
export interface FileName {
  readonly stem: string;
  /** 1 to 10 letters and digits, lower case. */
  readonly extension: string;
}

export interface FileWishes {
  readonly resourceType: ResourceType | 'auto';
  /** Instead of the uploader's. */
  readonly filename: string | undefined;
  /** Formats that are taken. @default all */
  readonly allowedFormats: readonly string[] | undefined;
}

/**
 * Finds out what was uploaded. An image is what the handler's probe accepts; `auto` makes everything else a raw file.
 * Videos and raw files go by the name that their uploader gave them.
 *
 * @throws {ApiError} 400 when an image was promised and the bytes are none, or when only other formats are allowed
 */
export async function fileFacts(file: ReceivedFile, wishes: FileWishes, handler: Handler): Promise<FileFacts> {
  const filename = splitFilename(wishes.filename ?? file.filename ?? '');
  const named = filename.extension === '' ? formatOf(file.mediaType) : canonicalFormat(filename.extension);
  const facts = await probed(file, wishes.resourceType, named, handler);
  if (wishes.allowedFormats !== undefined) checkFormat(facts.format, wishes.allowedFormats);
  return { ...facts, filename };
}

async function probed(
  { received }: ReceivedFile,
  asked: ResourceType | 'auto',
  named: string,
  handler: Handler,
): Promise<Omit<FileFacts, 'filename'>> {
  if (asked === 'raw' || asked === 'video') return { resourceType: asked, format: named, picture: undefined };
  if (handler.probe === undefined) {
    const isImage = asked === 'image' || imageFormats.has(named);
    return { resourceType: isImage ? 'image' : 'raw', format: named, picture: undefined };
  }
  try {
    const picture = await handler.probe(received.localPath);
    return { resourceType: 'image', format: picture.format, picture };
  } catch (error) {
    if (!TransformError.is(error)) throw error;
    if (asked === 'auto' && error.code === 'invalid_original') {
      return { resourceType: 'raw', format: named, picture: undefined };
    }
    throw badRequest(error.code === 'invalid_original' ? 'Invalid image file' : `Invalid image file. ${error.message}`);
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

function splitFilename(path: string): FileName {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const plain = name.replace(/\p{Cc}/gu, '').slice(-255);
  const dot = /\.([A-Za-z0-9]{1,10})$/.exec(plain);
  if (dot === null || dot.index === 0) return { stem: plain, extension: '' };
  return { stem: plain.slice(0, dot.index), extension: (dot[1] ?? '').toLowerCase() };
}
