import { type Derivative, type Original, TransformError } from '@safelight/core';
import type { Delivery, Transformation } from '@safelight/protocol';
import { checkExtension, writtenFormat, writtenFormats } from './output-format.ts';

/**
 * The videos that browsers may play. Every other file that is not a picture is sent as a download, because a document
 * could run scripts.
 */
const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['mp4', 'video/mp4'],
  ['m4v', 'video/mp4'],
  ['webm', 'video/webm'],
  ['mov', 'video/quicktime'],
]);

/**
 * The original's bytes as a derivative, if the delivery has neither a transformation nor another format.
 *
 * @returns `undefined` when the picture must be transformed
 * @throws {TransformError} `not_offered` when a picture would have to be written in a format that cannot be written
 * @throws {TransformError} `not_implemented` when a video or another file would have to be transformed
 */
export function asStored(delivery: Delivery, original: Original): Derivative | undefined {
  return delivery.resourceType === 'image' ? imageAsStored(delivery, original) : fileAsStored(delivery, original);
}

function imageAsStored({ transformation, extension }: Delivery, original: Original): Derivative | undefined {
  if (transformation.every((step) => step.format === undefined)) checkExtension(extension, original.format);
  const stored = writtenFormat(original.format);
  if (stored === undefined || !isEmpty(transformation)) return undefined;
  if (extension !== undefined && writtenFormat(extension) !== stored) return undefined;
  return derivative(original, stored, writtenFormats[stored].contentType);
}

function fileAsStored({ resourceType, transformation, extension }: Delivery, original: Original): Derivative {
  const isOtherFormat = resourceType === 'video' && extension !== undefined && extension !== original.format;
  if (!isEmpty(transformation) || isOtherFormat) {
    throw new TransformError(
      'not_implemented',
      `This handler transforms images only; for resource type ${resourceType}, use a URL without transformation and without another extension`,
    );
  }
  const contentType = resourceType === 'video' ? mediaTypes.get(original.format) : undefined;
  return derivative(original, original.format, contentType ?? 'application/octet-stream');
}

function derivative(original: Original, format: string, contentType: string): Derivative {
  const { width, height } = original;
  const size = width === undefined || height === undefined ? {} : { width, height };
  const { bytes, etag: digest } = original;
  const read = (start: number, end: number) => original.stream(start, end);
  return { contentType, format, body: original.stream(), bytes, digest, read, ...size };
}

function isEmpty(transformation: Transformation): boolean {
  return transformation.every((step) => Object.values(step).every((value) => value === undefined));
}
