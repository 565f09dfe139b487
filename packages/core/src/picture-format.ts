/**
 * Names the format of a picture by the bytes at its beginning, also when the rest is damaged. Handlers and uploads use it to
 * tell a damaged picture from another file.
 *
 * @param head - at least the first 12 bytes of the file
 * @returns `undefined` for all files that are not JPEG, PNG, GIF, WebP, TIFF or AVIF
 * @example
 * pictureFormatAt(Buffer.from('GIF89a, and then nothing')); // 'gif'
 * pictureFormatAt(Buffer.from('hello')); // undefined
 */
export function pictureFormatAt(head: Uint8Array): 'jpg' | 'png' | 'gif' | 'webp' | 'tiff' | 'avif' | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (text.startsWith('\xff\xd8\xff')) return 'jpg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^GIF8[79]a/.test(text)) return 'gif';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'webp';
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff';
  return /^....ftypavi[fs]$/s.test(text) ? 'avif' : undefined;
}
