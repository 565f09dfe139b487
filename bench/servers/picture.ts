import { createHash } from 'node:crypto';

const BYTES = 30_000;

/** As long as a thumbnail, the same in every process, and as little to be compressed. */
export const picture: Buffer = Buffer.concat(
  Array.from({ length: Math.ceil(BYTES / 64) }, (_, i) => createHash('sha512').update(String(i)).digest()),
).subarray(0, BYTES);
