import { decoded } from './decoded.ts';
import type { Reading } from './parameter-reading.ts';
import { publicIdProblem } from './public-id.ts';

/**
 * Reads a `d_` value: a public ID with extension, with `:` in place of `/`. A `,` in it is escaped twice, because a plain
 * comma ends the parameter.
 */
export function readPlaceholder(text: string): Reading<string> {
  const publicId = (decoded(text) ?? text).replaceAll(':', '/');
  if (publicIdProblem(publicId) !== undefined) return { ok: false, code: 'bad_transformation' };
  return { ok: true, value: publicId };
}

/** Writes the `d_` value of a placeholder, percent-encoded. */
export function writePlaceholder(publicId: string): string {
  return publicId.split('/').map(encodeURIComponent).join(':').replaceAll('%2C', '%252C');
}
