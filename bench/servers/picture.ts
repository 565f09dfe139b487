import { createHash } from 'node:crypto';

const length = 30_000;

/** Bytes as long as a thumbnail, the same in every process, and like a thumbnail they cannot be compressed. */
export const picture: Buffer = Buffer.concat(
  Array.from({ length: Math.ceil(length / 64) }, (_, i) => createHash('sha512').update(String(i)).digest()),
).subarray(0, length);
