import type { Reading } from './parameter-reading.ts';
import { publicIdProblem } from './public-id.ts';

/** Reads a `d_` value: a public ID with extension, with `:` in place of `/`. */
export function readPlaceholder(text: string): Reading<string> {
  const publicId = text.replaceAll(':', '/');
  if (publicIdProblem(publicId) !== undefined) return { ok: false, code: 'bad_transformation' };
  return { ok: true, value: publicId };
}

/** Writes the `d_` value of a placeholder, percent-encoded. */
export function writePlaceholder(publicId: string): string {
  return publicId.split('/').map(encodeURIComponent).join(':');
}
