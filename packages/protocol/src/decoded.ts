/** A percent-encoded text decoded; `undefined` when its percent-encoding is malformed or is not UTF-8. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
