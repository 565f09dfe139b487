import { randomBytes } from 'node:crypto';

/**
 * One value of an asset's generation: opaque, 128 fresh random bits, written to a store at most once. Marks are only
 * ever compared for equality, so no store, clock or process has to agree on an order.
 */
export type Mark = string;

const MARK_BYTES = 16;
const MARKS_PER_REFILL = 256;

/** A source of marks that asks the operating system for randomness in blocks, since a mark is made per new asset. */
export function createMarkSource(): () => Mark {
  let block = Buffer.alloc(0);
  let offset = 0;
  return function freshMark() {
    if (offset === block.length) {
      block = randomBytes(MARK_BYTES * MARKS_PER_REFILL);
      offset = 0;
    }
    const mark = block.toString('base64url', offset, offset + MARK_BYTES);
    offset += MARK_BYTES;
    return mark;
  };
}

/** How long an idle asset's mark is kept; a mark that is gone forgets its asset, which is safe and costs one run. */
export const markTtlMs: number = 30 * 24 * 60 * 60 * 1000;

/** What values found under these marks are stamped with: it matches only while every asset's generation stands. */
export function stampOf(marks: readonly Mark[]): string {
  return marks.join(' ');
}
