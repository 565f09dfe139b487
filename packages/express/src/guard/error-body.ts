/** The beginning of the body of a withheld error response. The client does not get this body. */
export interface ErrorBody {
  /** The first 8 KiB as UTF-8 text. Resolves when the body ends or the limit is reached. */
  readonly text: Promise<string>;
  /**
   * Adds a chunk that the handler passed to `write` or `end`: bytes, or text in an encoding. Other values add nothing.
   */
  add(chunk: unknown, encoding: unknown): void;
  /** Must be called when the body has ended, or when the connection has closed. */
  end(): void;
}

/** The first lines of a page explain the error. The rest of a long page is not kept in memory. */
const maxBytes = 8192;

export function createErrorBody(): ErrorBody {
  const chunks: Buffer[] = [];
  let remaining = maxBytes;
  const { promise: text, resolve } = Promise.withResolvers<string>();
  const end = () => resolve(Buffer.concat(chunks).toString());
  return {
    text,
    end,
    add(chunk, encoding) {
      if (remaining === 0) return;
      const part = bytesOf(chunk, encoding, remaining);
      chunks.push(part);
      remaining -= part.length;
      if (remaining === 0) end();
    },
  };
}

/** Copies the bytes, because the handler may reuse their memory. */
function bytesOf(chunk: unknown, encoding: unknown, limit: number): Buffer {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.subarray(0, limit));
  if (typeof chunk !== 'string') return Buffer.alloc(0);
  const textEncoding = Buffer.isEncoding(encoding as string) ? (encoding as BufferEncoding) : 'utf8';
  // In every encoding, one byte needs at most two characters. So this part of the text is long enough.
  return Buffer.from(chunk.slice(0, 2 * limit), textEncoding).subarray(0, limit);
}
