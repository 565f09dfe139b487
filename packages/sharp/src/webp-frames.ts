import { open } from 'node:fs/promises';

/** Chunks that are not frames: the header, a colour profile, metadata. */
const otherChunks = 100;
const chunkHeadBytes = 8;
const windowBytes = 65_536;
const firstChunkAt = 12;

/** @param head - the first 32 bytes of a file */
export function isAnimatedWebp(head: Buffer): boolean {
  const text = head.toString('latin1', 0, firstChunkAt + 4);
  return text.startsWith('RIFF') && text.endsWith('WEBPVP8X') && ((head[20] ?? 0) & 0x02) !== 0;
}

/**
 * Whether an animated WebP has more frames than the limit. libvips takes one with 10,000 frames for a still picture, so the
 * chunks are counted (RFC 9649 section 2.7). At most `limit` chunks and some are read.
 *
 * @param input - path or bytes of a WebP
 */
export async function hasMoreWebpFrames(input: string | Buffer, limit: number): Promise<boolean> {
  if (typeof input !== 'string') return hasMoreChunks(async (at) => input.subarray(at, at + chunkHeadBytes), limit);
  const file = await open(input);
  try {
    const buffer = Buffer.alloc(windowBytes);
    let window = { at: 0, bytes: 0 };
    return await hasMoreChunks(async (at) => {
      if (at + chunkHeadBytes > window.at + window.bytes) {
        window = { at, bytes: (await file.read(buffer, 0, windowBytes, at)).bytesRead };
      }
      return buffer.subarray(at - window.at, Math.min(at - window.at + chunkHeadBytes, window.bytes));
    }, limit);
  } finally {
    await file.close();
  }
}

async function hasMoreChunks(read: (at: number) => Promise<Buffer>, limit: number): Promise<boolean> {
  let frames = 0;
  let at = firstChunkAt;
  for (let chunks = 0; chunks <= limit + otherChunks; chunks += 1) {
    const head = await read(at);
    if (head.length < chunkHeadBytes) return false;
    if (head.toString('latin1', 0, 4) === 'ANMF') frames += 1;
    if (frames > limit) return true;
    const bytes = head.readUInt32LE(4);
    at += chunkHeadBytes + bytes + (bytes % 2);
  }
  return true;
}
