/**
 * Any string as one line of printable ASCII that may stand in a header: whatever else it holds (line ends, tabs, other
 * scripts) is percent-encoded, so that it can still be read. Spaces at the ends go.
 * @param maxLength - longer text is cut and ends in `...`. @default 300
 */
export function headerText(value: string, maxLength: number = 300): string {
  let line = '';
  for (const character of value.trim()) {
    line += /[ -~]/.test(character) ? character : percentEncode(character);
    // What is cut off anyway need not be encoded.
    if (line.length > maxLength) return `${line.slice(0, maxLength - 3)}...`;
  }
  return line;
}

function percentEncode(character: string): string {
  // A lone surrogate has no UTF-8; it becomes U+FFFD, as in TextEncoder.
  return encodeURIComponent(/\p{Cs}/u.test(character) ? '\uFFFD' : character);
}
