import { invalidOriginal, TransformError } from '@safelight/core';

/** The bytes that sharp was reading when it failed: the original, or pixels that this package had already decoded. */
export type ReadBytes = 'original' | 'pixels';

/** The message of an upload that is not a readable picture. The reason is in `cause`. */
export const invalidImageFile = 'Invalid image file';

/** The message of a picture that cannot be decoded, for its upload and for each of its sizes. */
export const damagedImageFile =
  'Invalid image file. The original is damaged, or not complete. Save it again with an image editor, and upload it again';

interface MessageRule {
  readonly pattern: RegExp;
  readonly toError: (cause: unknown) => TransformError;
}

/** Messages of sharp 0.35 and libvips 8.18 that do not mean that the original is damaged. */
const rules: readonly MessageRule[] = [
  {
    pattern: /exceeds pixel limit|too large for the|pixel limit when scaled|32767x32767/i,
    toError: (cause) => new TransformError('too_many_pixels', 'The picture has too many pixels', { cause }),
  },
  {
    pattern: /^timeout:/m,
    toError: (cause) => new TransformError('timed_out', 'The transformation took too long', { cause }),
  },
  {
    pattern: /too many open files|EMFILE|ENFILE/i,
    toError: (cause) => new TransformError('busy', 'Too many files are open', { cause, retryAfterMs: 2_000 }),
  },
  {
    pattern: /file is missing|permission denied|unable to open|ENOENT|EACCES/i,
    toError: (cause) => new TransformError('handler_failed', 'The original could not be opened', { cause }),
  },
  {
    pattern: /out of memory|cannot allocate|ENOMEM/i,
    toError: (cause) => new TransformError('handler_failed', 'There was not enough memory', { cause }),
  },
];

/**
 * Converts an error of sharp. Any other failure to read the original is `invalid_original`, also if its header was
 * readable. The message never contains sharp's text, which may name a path; sharp's error is the `cause`.
 */
export function fromSharpError(error: unknown, read: ReadBytes): TransformError {
  if (TransformError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const rule = rules.find(({ pattern }) => pattern.test(message));
  if (rule !== undefined) return rule.toError(error);
  return read === 'original'
    ? invalidOriginal(damagedImageFile, error)
    : new TransformError('handler_failed', 'The transformation failed', { cause: error });
}
