/** The beginning of an error's body, which is not sent to the client. */
export interface ErrorBody {
  /** Resolves at the body's end, or when the limit is reached. */
  readonly text: Promise<string>;
  /** Takes a chunk that the handler passed to `write` or `end`, in any of their forms. */
  add(chunk: unknown, encoding: unknown): void;
  /** Nothing more will come. */
  end(): void;
}

/** The explanation of an error is in its first lines, so the rest of a long page is not held in memory. */
const maxBytes = 8192;

export function createErrorBody(): ErrorBody {
  const chunks: Buffer[] = [];
  let missing = maxBytes;
  const { promise: text, resolve } = Promise.withResolvers<string>();
  const end = () => resolve(Buffer.concat(chunks).toString());
  return {
    text,
    end,
    add(chunk, encoding) {
      if (missing === 0) return;
      const part = bytesOf(chunk, encoding, missing);
      chunks.push(part);
      missing -= part.length;
      if (missing === 0) end();
    },
  };
}

/** Copies the bytes, because the handler may use their memory again. */
function bytesOf(chunk: unknown, encoding: unknown, most: number): Buffer {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.subarray(0, most));
  if (typeof chunk !== 'string') return Buffer.alloc(0);
  const written = Buffer.isEncoding(encoding as string) ? (encoding as BufferEncoding) : 'utf8';
  // No encoding needs more than two characters for a byte.
  return Buffer.from(chunk.slice(0, 2 * most), written).subarray(0, most);
}
