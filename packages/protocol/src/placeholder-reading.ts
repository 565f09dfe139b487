import type { Reading } from './parameter-reading.ts';
import { publicIdProblem } from './public-id.ts';

/** A `d_` value is a public ID with extension that writes `/` as `:`. */
export function readPlaceholder(text: string): Reading<string> {
  const publicId = text.replaceAll(':', '/');
  if (publicIdProblem(publicId) !== undefined) return { ok: false, code: 'bad_transformation' };
  return { ok: true, value: publicId };
}

/** The `d_` value of a placeholder, percent-encoded. */
export function writePlaceholder(publicId: string): string {
  return publicId.split('/').map(encodeURIComponent).join(':');
}
