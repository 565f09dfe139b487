import type { SafelightError } from '../safelight-error.ts';

/** The maximum size of a part, which all uploads of one uploader share. */
export interface ChunkSize {
  readonly bytes: number;
  /**
   * Makes later requests smaller than one that a proxy has refused.
   * @returns whether a smaller request is allowed
   */
  shrink(refusedBytes: number): boolean;
}

const startBytes = 20_000_000;
/** Many proxies allow 1 MB; this is a quarter of it. */
const usualMinBytes = 250_000;

/** @param option - the option `chunkBytes`; only with `auto` the size changes */
export function createChunkSize(option: number | 'auto', isCloudinary: boolean): ChunkSize {
  let bytes = option === 'auto' ? startBytes : option;
  // Cloudinary refuses smaller parts.
  const minBytes = isCloudinary ? 5_000_000 : usualMinBytes;
  return {
    get bytes() {
      return bytes;
    },
    shrink(refusedBytes) {
      if (option !== 'auto' || refusedBytes <= minBytes) return false;
      bytes = Math.max(minBytes, Math.ceil(refusedBytes / 4));
      return true;
    },
  };
}

/** Whether a smaller request may pass: a proxy has refused this one. The server's own limit is for the whole file. */
export function isRefusedByProxy(error: unknown): boolean {
  const { code, status, cause } = Object(error) as Partial<SafelightError>;
  // Servers explain a 413 in JSON, which ky parses; the pages of proxies are HTML.
  return code === 'blocked' || (status === 413 && typeof Object(cause).data !== 'object');
}
