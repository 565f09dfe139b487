/** A new key for one upload: 128 random bits. */
export function newUploadKey(): string {
  // Browsers have `crypto.randomUUID` only on https pages.
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
