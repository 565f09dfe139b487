/** Characters of a public ID, counted as code points (Cloudinary's bound). */
export const defaultMaxPublicIdLength = 255;

/**
 * Says what is wrong with a (decoded) public ID, or `undefined` when it is fine. Any script is allowed; what is not:
 * nothing at all, more than `maxLength` characters, control characters, lone surrogates, `? & # \ % < > +`, a space or
 * `/` at either end, empty segments, and the segments `.` and `..`.
 */
export function publicIdProblem(publicId: string, maxLength: number = defaultMaxPublicIdLength): string | undefined {
  if (publicId === '') return 'The public ID is empty.';
  // A code point has at most two units: long input is refused before it is counted.
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
