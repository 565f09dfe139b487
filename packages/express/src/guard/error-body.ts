/** The beginning of an error's body, which the client is not sent. */
export interface ErrorBody {
  /** Resolves at the body's end, or when as much of it is there as is kept. */
  readonly text: Promise<string>;
  /** What the handler gives to `write` or `end`, in any of their forms. */
  add(chunk: unknown, encoding: unknown): void;
  /** Nothing more will come. */
  end(): void;
}

/** Whoever explains an error does it in its first lines; a page of megabytes is not kept for that. */
const MOST_BYTES = 8192;

export function createErrorBody(): ErrorBody {
  const chunks: Buffer[] = [];
  let missing = MOST_BYTES;
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

/** Copied: whoever wrote it may use its memory again. */
function bytesOf(chunk: unknown, encoding: unknown, most: number): Buffer {
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.subarray(0, most));
  if (typeof chunk !== 'string') return Buffer.alloc(0);
  const written = Buffer.isEncoding(encoding as string) ? (encoding as BufferEncoding) : 'utf8';
  // No encoding takes more than two characters for a byte.
  return Buffer.from(chunk.slice(0, 2 * most), written).subarray(0, most);
}
