const reserved = /[\s\p{Cc}\p{Cs}\u2028\u2029?&#\\%<>+/]+/gu;
const maxNameLength = 200;

/**
 * A public ID for a file, made from its name: without folders and extension, in Unicode form NFC, with `_` in place of
 * characters that a public ID must not have, and with a random end, because files with the same name are common.
 * @param filename - the name of a file, such as `file.name`
 * @example
 * publicIdFrom('Übung 50%.jpg'); // 'Übung_50_k3x09qzt', for example
 */
export function publicIdFrom(filename: string): string {
  const name = filename
    .normalize('NFC')
    .replace(/^.*[\\/]/s, '')
    .replace(/\.[a-z0-9]{1,10}$/i, '')
    .replace(reserved, '_')
    .replace(/^[._]+/, '');
  const short = Array.from(name).slice(0, maxNameLength).join('').replace(/_*$/, '_');
  const random = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => (byte % 36).toString(36)).join('');
  return (short === '_' ? '' : short) + random;
}
