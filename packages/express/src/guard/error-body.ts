/** The beginning of an error response's body. It is not sent to the client. */
export interface ErrorBody {
  /** The first 8 KiB as UTF-8 text. Resolves when the body ends or the limit is reached. */
  readonly text: Promise<string>;
  /**
   * Adds a chunk that the handler passed to `write` or `end`: bytes, or text in an encoding. Other values add nothing.
   */
  add(chunk: unknown, encoding: unknown): void;
  /** Call it when the body has ended or its connection has closed. */
  end(): void;
}

/** The first lines of a page explain the error, so the rest of a long page does not occupy memory. */
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
  // No encoding needs more than two characters for a byte.
  return Buffer.from(chunk.slice(0, 2 * limit), textEncoding).subarray(0, limit);
}
