/** Bytes of a text as UTF-8; counting stops once there are more than `stopAfter`. A lone surrogate counts three, as U+FFFD. */
export function byteLength(text: string, stopAfter: number = Number.POSITIVE_INFINITY): number {
  if (text.length > stopAfter) return text.length;
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
