import { badRequest } from '../api-error.ts';

const percent = '%'.charCodeAt(0);

/**
 * Decodes percent-encoded bytes while they arrive.
 *
 * @param isForm - in forms, `+` means a space
 * @throws {ApiError} 400 when a `%` is not followed by two hexadecimal digits
 */
export async function* percentDecoded(
  chunks: AsyncIterable<Uint8Array>,
  { isForm }: { readonly isForm: boolean },
): AsyncGenerator<Uint8Array> {
  let rest = '';
  for await (const chunk of chunks) {
    const text = rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    // An escape may go on in the next chunk.
    const last = text.lastIndexOf('%');
    const end = last === -1 || last < text.length - 2 ? text.length : last;
    rest = text.slice(end);
    yield decode(text.slice(0, end), isForm);
  }
  if (rest !== '') throw malformed();
}

function decode(text: string, isForm: boolean): Buffer {
  const spaced = isForm ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return Buffer.from(spaced, 'latin1');
  const encoded = Buffer.from(spaced, 'latin1');
  let length = 0;
  for (let i = 0; i < encoded.length; i += 1, length += 1) {
    let byte = encoded[i] as number;
    if (byte === percent) {
      byte = hexDigit(encoded[i + 1]) * 16 + hexDigit(encoded[i + 2]);
      i += 2;
    }
    encoded[length] = byte;
  }
  return encoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  const digit = byte === undefined ? Number.NaN : Number.parseInt(String.fromCharCode(byte), 16);
  if (Number.isNaN(digit)) throw malformed();
  return digit;
}

function malformed(): Error {
  return badRequest('Malformed percent-encoding: "%" must be followed by two hexadecimal digits');
}
