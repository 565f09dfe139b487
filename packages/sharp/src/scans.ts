import { open, readFile } from 'node:fs/promises';

const startOfScan = Buffer.from([0xff, 0xda]);
const chunkBytes = 1_000_000;

/**
 * Whether a JPEG has more scans than the limit. Takes linear time, and stops at the limit.
 *
 * @param input - path or bytes of a JPEG
 */
export async function hasMoreScans(input: string | Buffer, limit: number): Promise<boolean> {
  // Every scan has this pair of bytes. Others with the pair, such as a thumbnail, only make the exact count necessary.
  const atMost = typeof input === 'string' ? await countInFile(input, limit) : countIn(input, limit);
  if (atMost <= limit) return false;
  return countScans(typeof input === 'string' ? await readFile(input) : input, limit) > limit;
}

async function countInFile(path: string, limit: number): Promise<number> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(chunkBytes);
    let count = 0;
    // The last byte of a chunk is the first of the next one, because a pair may lie on both.
    for (let at = 0; count <= limit; at += chunkBytes - 1) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, at);
      count += countIn(buffer.subarray(0, bytesRead), limit - count);
      if (bytesRead < chunkBytes) break;
    }
    return count;
  } finally {
    await file.close();
  }
}

function countIn(bytes: Buffer, limit: number): number {
  let count = 0;
  for (let at = bytes.indexOf(startOfScan); at !== -1 && count <= limit; at = bytes.indexOf(startOfScan, at + 2)) {
    count += 1;
  }
  return count;
}

/** Goes from marker to marker (ITU-T T.81 section B.1.1), so that only scans of this picture count. */
function countScans(jpeg: Buffer, limit: number): number {
  let scans = 0;
  let at = jpeg.indexOf(0xff, 2);
  while (at !== -1 && at + 1 < jpeg.length && scans <= limit) {
    const code = jpeg[at + 1] ?? 0;
    if (code === endOfImage) break;
    if (code === startOfScan[1]) scans += 1;
    // Bytes of a scan that look like a marker (FF 00), restart markers, and fill bytes have no length.
    const hasLength = code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd8) && code !== 1;
    if (hasLength && at + 4 > jpeg.length) break;
    at = jpeg.indexOf(0xff, hasLength ? at + 2 + jpeg.readUInt16BE(at + 2) : at + (code === 0xff ? 1 : 2));
  }
  return scans;
}

const endOfImage = 0xd9;
