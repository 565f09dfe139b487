import { type Handler, type ProbedPicture, TransformError } from '@safelight/core';
import type { ResourceType } from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import { splitFilename } from './public-id.ts';
import type { ReceivedFile } from './submission.ts';

/** What a file turned out to be. */
export interface FileFacts {
  readonly resourceType: ResourceType;
  /** Canonical extension; '' when nothing tells. */
  readonly format: string;
  readonly picture: ProbedPicture | undefined;
}

/**
 * Finds out what was uploaded. An image is what the handler's probe accepts; `auto` makes everything else a raw file.
 * Videos and raw files go by the name that their uploader gave them.
 *
 * @throws {ApiError} 400 when an image was promised and the bytes are none
 */
export async function fileFacts(
  asked: ResourceType | 'auto',
  file: ReceivedFile,
  filename: string | undefined,
  handler: Handler,
): Promise<FileFacts> {
  const named = namedFormat(filename, file.mediaType);
  if (asked === 'raw' || asked === 'video') return { resourceType: asked, format: named, picture: undefined };
  if (handler.probe === undefined) {
    const isImage = asked === 'image' || imageFormats.has(named);
    return { resourceType: isImage ? 'image' : 'raw', format: named, picture: undefined };
  }
  try {
    const picture = await handler.probe(file.received.localPath);
    return { resourceType: 'image', format: picture.format, picture };
  } catch (error) {
    if (!TransformError.is(error)) throw error;
    if (asked === 'auto' && error.code === 'invalid_original') {
      return { resourceType: 'raw', format: named, picture: undefined };
    }
    throw badRequest(error.code === 'invalid_original' ? 'Invalid image file' : `Invalid image file. ${error.message}`);
  }
}

/** @throws {ApiError} 400 when only other formats are allowed */
export function checkFormat(format: string, allowed: readonly string[] | undefined): void {
  if (allowed === undefined || allowed.length === 0) return;
  if (allowed.map(canonicalFormat).includes(format)) return;
  throw badRequest(`Format ${format || 'unknown'} is not allowed. Allowed: ${allowed.join(', ')}`);
}

const imageFormats: ReadonlySet<string> = new Set(['jpg', 'png', 'webp', 'avif', 'gif', 'tiff', 'svg']);

function namedFormat(filename: string | undefined, mediaType: string | undefined): string {
  const { extension } = splitFilename(filename ?? '');
  if (extension !== '') return canonicalFormat(extension);
  const subtype = /^(?:image|video)\/([a-z0-9]{2,10})/.exec(mediaType ?? '')?.[1];
  return subtype === undefined ? '' : canonicalFormat(subtype);
}

function canonicalFormat(format: string): string {
  const lowerCase = format.trim().toLowerCase();
  if (lowerCase === 'jpeg' || lowerCase === 'jpe') return 'jpg';
  if (lowerCase === 'tif') return 'tiff';
  return lowerCase === 'quicktime' ? 'mov' : lowerCase;
}
