/** The largest number of characters of a public ID, counted as code points. Cloudinary has the same limit. */
export const defaultMaxPublicIdLength = 255;

/**
 * Checks a public ID. Every script is allowed. Not allowed are: an empty text, more than `maxLength` characters,
 * control characters, lone surrogates, `? & # \ % < > +`, a space or `/` at either end, empty segments, and the
 * segments `.` and `..`.
 *
 * @param publicId - percent-decoded
 * @param maxLength - in code points. @default 255
 * @returns one sentence that says what is wrong; `undefined` when the public ID is valid
 * @example
 * publicIdProblem('animals/cat'); // undefined
 * publicIdProblem('../cat'); // 'The public ID contains the segment "..".'
 */
export function publicIdProblem(publicId: string, maxLength: number = defaultMaxPublicIdLength): string | undefined {
  if (publicId === '') return 'The public ID is empty.';
  // A code point has at most two UTF-16 units, so a very long text is refused without counting.
  if (publicId.length > maxLength * 2 || [...publicId].length > maxLength) {
    return `public_id is too long: more than ${maxLength} characters.`;
  }
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(publicId)) {
    return 'The public ID contains control characters or broken Unicode.';
  }
  const forbidden = /[?&#\\%<>+]/.exec(publicId)?.[0];
  if (forbidden !== undefined) return `The public ID contains "${forbidden}". These are not allowed: ? & # \\ % < > +`;
  if (/^\s|\s$/u.test(publicId)) return 'The public ID begins or ends with a space.';
  for (const segment of publicId.split('/')) {
    if (segment === '') return 'The public ID begins or ends with "/" or contains "//".';
    if (segment === '.' || segment === '..') return `The public ID contains the segment "${segment}".`;
  }
  return undefined;
}
