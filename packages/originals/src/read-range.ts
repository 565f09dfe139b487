import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** Large enough for a fast disk, and small enough for ten thousand readers. */
const chunkBytes = 65_536;

/**
 * Reads bytes of an open file from `start` on: at least one byte, and at most up to before `end`.
 * @throws {Error} when the file ends at or before `start`
 */
export async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
  if (bytesRead === 0) throw new Error(`The file ends at ${start}, before ${end}: it was truncated.`);
  return buffer.subarray(0, bytesRead);
}

/** Reads exactly the bytes from `start` to before `end` into a new buffer. */
export async function readExactly(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const all = Buffer.allocUnsafeSlow(end - start);
  for (let at = start; at < end; ) {
    const { bytesRead } = await handle.read(all, at - start, end - at, at);
    if (bytesRead === 0) throw new Error(`The file ends at ${at}, before ${end}: it was truncated.`);
    at += bytesRead;
  }
  return all;
}

/** Streams the bytes from `start` to before `end`. The file stays open; `onClosed` is called at the end of the stream. */
export function rangeStream(
  handle: FileHandle,
  { start, end, onClosed }: { readonly start: number; readonly end: number; readonly onClosed: () => void },
): Readable {
  let at = start;
  return new Readable({
    read() {
      if (at >= end) {
        this.push(null);
        return;
      }
      readRange(handle, at, Math.min(end, at + chunkBytes)).then(
        (chunk) => {
          at += chunk.length;
          this.push(chunk);
        },
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      onClosed();
      done(error);
    },
  });
}
