import type { Bucket } from './bucket.ts';
import { objectBytes } from './derivative-object.ts';

/** How many objects are removed at the same time. */
const removalsAtOnce = 16;

/**
 * Removes the oldest derivatives until the others fit. It costs one LIST for 1000 derivatives, and as many again as are removed.
 * The order of the keys is that of their age, so nothing is held in memory.
 */
async function sweepDerivatives(bucket: Bucket, maxBytes: number): Promise<void> {
  let excess = -maxBytes;
  for await (const page of bucket.pages('d/')) for (const { bytes } of page) excess += bytes + objectBytes;
  if (excess <= 0) return;
  for await (const page of bucket.pages('d/')) {
    const removed = page.filter(({ bytes }) => {
      if (excess <= 0) return false;
      excess -= bytes + objectBytes;
      return true;
    });
    for (let at = 0; at < removed.length; at += removalsAtOnce) {
      await Promise.all(removed.slice(at, at + removalsAtOnce).map(({ key }) => bucket.remove(key)));
    }
    if (excess <= 0) return;
  }
}

export interface Sweeps {
  /** Says that a derivative was stored: when it is time, a sweep begins. */
  wrote(bytes: number): void;
  sweep(): Promise<void>;
}

interface SweepOptions {
  readonly maxBytes: number;
  readonly sweepEveryMs: number;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
}

/** The share of the bound that one process writes before it sweeps. */
const maxWrittenShare = 0.05;

/** Sweeps of this process. The first one comes at a random time, so that processes that start together take turns. */
export function createSweeps(bucket: Bucket, { maxBytes, sweepEveryMs, clock, onError }: SweepOptions): Sweeps {
  let writtenBytes = 0;
  let nextAt = clock() + Math.random() * sweepEveryMs;
  let running: Promise<void> | undefined;

  /** A sweep that is under way may have counted before the last derivative was written, so the next one follows it. */
  async function sweep(): Promise<void> {
    while (running !== undefined) await running.catch(() => undefined);
    writtenBytes = 0;
    nextAt = clock() + sweepEveryMs;
    running = sweepDerivatives(bucket, maxBytes).finally(() => {
      running = undefined;
    });
    await running;
  }

  return {
    wrote(bytes) {
      writtenBytes += bytes + objectBytes;
      if (sweepEveryMs === Number.POSITIVE_INFINITY || running !== undefined) return;
      if (clock() >= nextAt || writtenBytes > maxBytes * maxWrittenShare) sweep().catch(onError);
    },
    sweep,
  };
}
