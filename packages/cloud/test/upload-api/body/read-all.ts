import type { BodyReader } from '../../../src/upload-api/body/body-reader.ts';

export const limits = { maxFieldBytes: 65_536, maxFields: 1_000, maxDepth: 32, maxIdleMs: 1_000 };

/** The bytes in chunks of these sizes, and then the rest. */
export async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

export interface ReadFile {
  readonly isText: boolean;
  readonly filename: string | undefined;
  readonly mediaType: string | undefined;
  readonly content: string;
  /** The names of the parameters before it. */
  readonly after: readonly string[];
}

export interface ReadBody {
  readonly fields: readonly (readonly [string, string])[];
  readonly files: readonly ReadFile[];
}

/** Reads a whole body: its parameters, and its files in base64. */
export async function readAll(body: BodyReader): Promise<ReadBody> {
  const files: ReadFile[] = [];
  for (let file = await body.nextFile(); file !== undefined; file = await body.nextFile()) {
    const { isText, filename, mediaType } = file;
    const after = [...body.fields().keys()];
    files.push({ isText, filename, mediaType, content: (await bytesOf(file.content)).toString('base64'), after });
  }
  return { fields: [...body.fields()], files };
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}
