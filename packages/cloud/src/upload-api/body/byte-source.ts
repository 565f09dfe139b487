/** The bytes before a delimiter. */
export interface Delimited {
  readonly bytes: Buffer;
  /** `false` when the source has ended before the delimiter. */
  readonly isFound: boolean;
}

/** Bytes that arrive in chunks of any size, read up to delimiters. Only one chunk is in memory. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer;

  /** @param first - bytes that are read before the chunks */
  constructor(chunks: AsyncIterable<Uint8Array>, first = '') {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#rest = Buffer.from(first);
  }

  /** Returns the bytes that have arrived and were not read, or waits for more. `undefined` at the end. */
  async chunk(): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      if (!(await this.#more())) return undefined;
    }
    const chunk = this.#rest;
    this.#rest = empty;
    return chunk;
  }

  /** The next bytes, without reading them: at least `count`, or those before the end of the source. */
  async peek(count: number): Promise<Buffer> {
    while (this.#rest.length < count) {
      if (!(await this.#more())) break;
    }
    return this.#rest;
  }

  /** Reads bytes that `peek` has returned. */
  skip(count: number): void {
    this.#take(count);
  }

  /** Puts back bytes that the last chunk has too many. */
  unread(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
  }

  /**
   * Yields the bytes before a delimiter, or before the end of the source, and reads the delimiter.
   *
   * @returns whether the delimiter was found
   * @throws what `atEnd` returns, at the end of the source
   */
  async *until(delimiter: Uint8Array, atEnd?: () => Error): AsyncGenerator<Buffer, boolean> {
    for (;;) {
      const at = this.#rest.indexOf(delimiter);
      if (at !== -1) {
        const piece = this.#take(at);
        this.#take(delimiter.length);
        if (piece.length > 0) yield piece;
        return true;
      }
      // The last bytes may be the beginning of the delimiter.
      const piece = this.#take(Math.max(0, this.#rest.length - delimiter.length + 1));
      if (piece.length > 0) yield piece;
      if (await this.#more()) continue;
      const last = this.#take(this.#rest.length);
      if (last.length > 0) yield last;
      if (atEnd !== undefined) throw atEnd();
      return false;
    }
  }

  /**
   * Reads the bytes before a delimiter, or before the end of the source, and the delimiter.
   *
   * @throws what `tooLong` returns, when there are more than `maxBytes`
   */
  async allUntil(delimiter: Uint8Array, maxBytes: number, tooLong: () => Error): Promise<Delimited> {
    const pieces: Buffer[] = [];
    let count = 0;
    const reading = this.until(delimiter);
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done === true) return { bytes: Buffer.concat(pieces), isFound: next.value };
      count += next.value.length;
      if (count > maxBytes) throw tooLong();
      pieces.push(next.value);
    }
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    return true;
  }
}

const empty = Buffer.alloc(0);
