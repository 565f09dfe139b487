/** 128 random bits as hex. Not `crypto.randomUUID`, which browsers only have on https pages. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
