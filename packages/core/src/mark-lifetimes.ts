import { windowMs } from '@safelight/protocol';
import type { Ladders } from './ladder.ts';

/**
 * TTL of the mark of a change, and of the record of cached derivatives, in milliseconds: 30 days. No mark lives longer after
 * its write.
 */
export const markTtlMs: number = 30 * 24 * 60 * 60 * 1000;

/** TTL of a pending mark, in milliseconds. If the process of the upload dies, requests wait no longer than this. */
export const pendingMarkTtlMs = 30_000;

/**
 * A mark that begins with this text says that the first original of its asset is on its way. Nothing is recorded under it.
 */
export const pendingPrefix = '~';

export interface MarkLifetimesOptions {
  readonly ladders: Ladders;
  readonly minQuietMs: number;
  readonly timeoutMs: number;
}

/**
 * How long marks live. When a mark expires, all records of the asset become invalid. This is safe, and costs one run per
 * derivation. So the mark of a change lives for `markTtlMs`. A request can name any asset, so the mark that a request
 * writes must not live longer than the records under it.
 */
export interface MarkLifetimes {
  /** The TTL of a mark that a request writes, in milliseconds. */
  minted(mint: MintedMark): number;
  /** How long a mark must live from now, if a record with this TTL is written under it, in milliseconds. */
  under(recordTtlMs: number): number;
}

/** What decides about the TTL of a mark that a request writes. */
export interface MintedMark {
  /** Whether the store can lengthen the life of the mark later. */
  readonly canExtend: boolean;
  /** Whether a derivative may be recorded under the mark. */
  readonly isCached: boolean;
}

export function createMarkLifetimes({ ladders, minQuietMs, timeoutMs }: MarkLifetimesOptions): MarkLifetimes {
  const backoffs = Object.values(ladders);
  const withQuietMs = (window: number) => window + Math.max(window, minQuietMs);
  const firstMs = withQuietMs(Math.max(...backoffs.map((backoff) => windowMs(1, backoff))));
  const longestMs = withQuietMs(Math.max(...backoffs.map(({ maxMs }) => maxMs)));
  // A run that begins at the end of a record needs the mark until it ends.
  const under = (recordTtlMs: number) => recordTtlMs + timeoutMs;
  return {
    under,
    minted({ canExtend, isCached }) {
      // The mark must live until the first run under it has ended. The record of that run lengthens its life.
      if (canExtend) return under(Math.max(firstMs, timeoutMs));
      return under(isCached ? Math.max(longestMs, markTtlMs) : longestMs);
    },
  };
}
