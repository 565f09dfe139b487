import { badRequest } from '../api-error.ts';
import type { ByteSource } from './byte-source.ts';

const quote = '"'.charCodeAt(0);
const backslash = '\\'.charCodeAt(0);
const space = ' '.charCodeAt(0);

const escapes: Readonly<Record<string, string>> = {
  ...{ '"': '"', '\\': '\\', '/': '/' },
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
};

/**
 * Decodes a JSON string (RFC 8259 section 7) while it arrives, after its first quote. The source is then after its last
 * quote. Half a surrogate pair is refused, because a data URI has none.
 *
 * @throws {ApiError} 400 when the string is malformed or has no end
 */
export async function* jsonString(source: ByteSource): AsyncGenerator<Uint8Array> {
  // The beginning of an escape that goes on in the next chunk.
  let begun: Buffer = Buffer.alloc(0);
  for (let next = await source.chunk(); next !== undefined; next = await source.chunk()) {
    const chunk = begun.length === 0 ? next : Buffer.concat([begun, next]);
    const { end, escapeAt, hasEscapes } = scan(chunk);
    const isLast = end < chunk.length;
    const piece = chunk.subarray(0, escapeAt ?? end);
    if (piece.length > 0) yield hasEscapes ? unescaped(piece) : piece;
    if (isLast) {
      source.unread(chunk.subarray(end + 1));
      return;
    }
    begun = chunk.subarray(escapeAt ?? end);
  }
  throw malformed();
}

interface Scanned {
  /** The index of the last quote, or the length. */
  readonly end: number;
  /** The index of an escape that is cut off at the end. */
  readonly escapeAt: number | undefined;
  readonly hasEscapes: boolean;
}

function scan(chunk: Buffer): Scanned {
  let hasEscapes = false;
  for (let i = 0; i < chunk.length; i += 1) {
    const byte = chunk[i] as number;
    if (byte === quote) return { end: i, escapeAt: undefined, hasEscapes };
    if (byte < space) throw malformed();
    if (byte !== backslash) continue;
    const length = chunk[i + 1] === letterU ? 6 : 2;
    if (i + length > chunk.length) return { end: chunk.length, escapeAt: i, hasEscapes };
    hasEscapes = true;
    i += length - 1;
  }
  return { end: chunk.length, escapeAt: undefined, hasEscapes };
}

const letterU = 'u'.charCodeAt(0);

/** Each byte is one character of a latin1 text, so that characters in UTF-8 stay as they are. */
function unescaped(piece: Buffer): Buffer {
  const text = piece.toString('latin1').replace(/\\(?:u(.{4})|(.))/g, (_, digits?: string, letter?: string) => {
    if (letter === undefined) return Buffer.from(characterOf(digits), 'utf8').toString('latin1');
    const character = escapes[letter];
    if (character === undefined) throw malformed();
    return character;
  });
  return Buffer.from(text, 'latin1');
}

function characterOf(digits = ''): string {
  if (!/^[\da-f]{4}$/i.test(digits) || /^d[89a-f]/i.test(digits)) throw malformed();
  return String.fromCharCode(Number.parseInt(digits, 16));
}

function malformed(): Error {
  return badRequest('The body is not valid JSON');
}
