/**
 * Percent-decodes a text. Never throws, unlike `decodeURIComponent`.
 *
 * @returns `undefined` when the percent-encoding is malformed or is not UTF-8
 * @example
 * decoded('a%20b'); // 'a b'
 * decoded('%ZZ'); // undefined
 */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
