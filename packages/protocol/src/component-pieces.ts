import { decoded } from './decoded.ts';

/**
 * Divides a component into its parameters. An escape means the plain character, so `%2C` separates them, too.
 *
 * @param text - percent-encoded
 * @returns `undefined` when the percent-encoding is malformed
 */
export function piecesOf(text: string): readonly string[] | undefined {
  return decoded(text)
    ?.split(',')
    .filter((piece) => piece !== '');
}
