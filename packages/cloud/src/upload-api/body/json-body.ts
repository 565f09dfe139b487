import { badRequest } from '../api-error.ts';
import type { Fields } from '../submission.ts';
import type { BodyLimits } from './body-limits.ts';
import type { BodyFile, BodyReader } from './body-reader.ts';
import { ByteSource } from './byte-source.ts';
import { tooLong } from './field-collector.ts';
import { jsonFields } from './json-fields.ts';
import { jsonString } from './json-string.ts';

const [quote, backslash, colon, openBrace, closeBrace, openBracket, closeBracket, comma] = Buffer.from('"\\:{}[],');
const spaces: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n'));

/**
 * Reads a JSON body. The text of the member `file` is never in memory as a whole: it is decoded while it arrives, and
 * `null` stands for it in the rest. The rest is small, and `JSON.parse` reads it at the end.
 */
export function jsonBody(bytes: AsyncIterable<Uint8Array>, limits: BodyLimits): BodyReader {
  const source = new ByteSource(bytes);
  const rest = new RestOfJson(limits);
  let open: AsyncGenerator<Uint8Array> | undefined;
  let read: { readonly fields: Fields; readonly count: number; readonly isComplete: boolean } | undefined;

  return {
    /** Before the end, the members before the file. */
    fields() {
      const { bytes: count, isComplete } = rest;
      if (read?.count !== count || read.isComplete !== isComplete) {
        read = { fields: jsonFields(rest.text(), limits.maxFields), count, isComplete };
      }
      return read.fields;
    },
    async nextFile(): Promise<BodyFile | undefined> {
      for (let next = await open?.next(); next?.done === false; next = await open?.next());
      for (let chunk = await source.chunk(); chunk !== undefined; chunk = await source.chunk()) {
        const at = rest.add(chunk);
        if (at === chunk.length) continue;
        source.unread(chunk.subarray(at + 1));
        open = jsonString(source);
        return { isText: true, filename: undefined, mediaType: undefined, content: open };
      }
      rest.isComplete = true;
      return undefined;
    },
  };
}

/** The JSON text without the text of `file`. It is followed byte by byte, and its depth and size are counted. */
class RestOfJson {
  /** Whether all of it has arrived. */
  isComplete = false;
  bytes = 0;
  readonly #limits: BodyLimits;
  readonly #pieces: Buffer[] = [];
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** The last string in the object at the top, up to the next mark: it is the name of a member, if a colon follows. */
  #string = '';
  #isNamedFile = false;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /**
   * @returns the index of the quote at which the text of `file` begins, or the length of the chunk
   * @throws {ApiError} 400 when the text is too long or nested too deeply
   */
  add(chunk: Buffer): number {
    const end = this.#follow(chunk);
    this.#push(chunk.subarray(0, end));
    if (end < chunk.length) {
      this.#push(Buffer.from('null'));
      this.#isNamedFile = false;
    }
    return end;
  }

  /** Before the end, the text up to a member `file`, closed. */
  text(): string {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    return this.isComplete ? text : `${text}}`;
  }

  #push(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes > this.#limits.maxFieldBytes) throw tooLong(this.#limits.maxFieldBytes);
    this.#pieces.push(piece);
  }

  #follow(chunk: Buffer): number {
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i] as number;
      if (this.#isInString) this.#followString(byte);
      else if (spaces.has(byte)) continue;
      else if (byte === quote && this.#isNamedFile) return i;
      else this.#followMark(byte);
    }
    return chunk.length;
  }

  #followString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) {
      this.#isInString = false;
      return;
    }
    if (this.#depth === 1 && this.#string.length < maxNameLength) this.#string += String.fromCharCode(byte);
  }

  #followMark(byte: number): void {
    this.#isNamedFile = byte === colon && this.#depth === 1 && isFileName(this.#string);
    if (byte === quote) {
      this.#isInString = true;
      this.#string = '';
    } else if (byte === openBrace || byte === openBracket) this.#depth += 1;
    else if (byte === closeBrace || byte === closeBracket) this.#depth -= 1;
    else if (byte === comma) this.#string = '';
    if (this.#depth > this.#limits.maxDepth) {
      throw badRequest(`The JSON is nested too deeply. At most ${this.#limits.maxDepth} levels are accepted.`);
    }
  }
}

/** Six characters for each letter of `file`, when they are escapes, and one more for longer names. */
const maxNameLength = 25;

function isFileName(text: string): boolean {
  if (!text.includes('\\')) return text === 'file';
  try {
    return JSON.parse(`"${text}"`) === 'file';
  } catch {
    return false;
  }
}
