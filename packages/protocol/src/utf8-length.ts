/**
 * The number of bytes of a text in UTF-8. A lone surrogate counts as 3, like U+FFFD.
 *
 * @param stopAfter - a text of more UTF-16 units is not counted; the result is then larger than `stopAfter`, but not
 *   exact
 */
export function byteLength(text: string, stopAfter: number = Number.POSITIVE_INFINITY): number {
  if (text.length > stopAfter) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
