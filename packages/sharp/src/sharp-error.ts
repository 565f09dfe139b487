import { invalidOriginal, TransformError } from '@safelight/core';

/** Which bytes sharp was reading when it failed: those of the original, or pixels that this package had decoded itself. */
export type ReadBytes = 'original' | 'pixels';

/** The message for an uploader when the bytes are not a readable picture; the reason stays in `cause`. */
export const invalidImageFile = 'Invalid image file';

interface Row {
  readonly pattern: RegExp;
  readonly toError: (cause: unknown) => TransformError;
}

/** Messages of sharp 0.35 and libvips 8.18 that are not about the original's content. */
const rows: readonly Row[] = [
  {
    pattern: /exceeds pixel limit|too large for the|pixel limit when scaled|32767x32767/i,
    toError: (cause) => new TransformError('too_many_pixels', 'The picture has too many pixels', { cause }),
  },
  {
    pattern: /^timeout:/m,
    toError: (cause) => new TransformError('timed_out', 'The transformation took too long', { cause }),
  },
  {
    pattern: /file is missing|permission denied|unable to open|too many open files|ENOENT|EACCES|EMFILE/i,
    toError: (cause) => new TransformError('handler_failed', 'The original could not be opened', { cause }),
  },
  {
    pattern: /out of memory|cannot allocate|ENOMEM/i,
    toError: (cause) => new TransformError('handler_failed', 'There was not enough memory', { cause }),
  },
];

/**
 * Says what sharp's failure means. A header that reads while its pixels do not is `invalid_original` too. Messages never
 * carry sharp's own text, because that may name a path; it is kept as `cause`.
 */
export function fromSharpError(error: unknown, read: ReadBytes): TransformError {
  if (TransformError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const row = rows.find(({ pattern }) => pattern.test(message));
  if (row !== undefined) return row.toError(error);
  return read === 'original'
    ? invalidOriginal(invalidImageFile, error)
    : new TransformError('handler_failed', 'The transformation failed', { cause: error });
}
