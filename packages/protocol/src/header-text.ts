/**
 * Converts any string to one line of printable ASCII, for a header. White space at both ends is removed. All other
 * characters (line ends, tabs, other scripts) are percent-encoded as UTF-8.
 *
 * @param maxLength - characters of the result; a longer text is cut and ends in `...`. @default 300
 * @example
 * headerText('a\r\nZoë'); // 'a%0D%0AZo%C3%AB'
 * headerText('Resource not found - cat', 11); // 'Resource...'
 */
export function headerText(value: string, maxLength: number = 300): string {
  let line = '';
  for (const character of value.trim()) {
    line += /[ -~]/.test(character) ? character : percentEncode(character);
    // Stop here: the rest would be cut off.
    if (line.length > maxLength) return `${line.slice(0, maxLength - 3)}...`;
  }
  return line;
}

function percentEncode(character: string): string {
  // A lone surrogate has no UTF-8; it becomes U+FFFD, as in TextEncoder.
  return encodeURIComponent(/\p{Cs}/u.test(character) ? '\uFFFD' : character);
}
