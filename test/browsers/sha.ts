import { createHash } from 'node:crypto';

/** SHA-256 in hex, to compare large bodies. `undefined` counts as an empty body. */
export function sha(bytes: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}
