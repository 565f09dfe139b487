import type { Ledger } from './ledger.ts';
import type { Found } from './lookup.ts';
import { pendingPrefix } from './mark-lifetimes.ts';
import type { Patience, PendingChanges } from './pending-changes.ts';
import type { TargetKeys } from './target.ts';

/** The originals that are being uploaded, to this process or to others. */
export interface Arrivals {
  /** Whether an original of the target is being uploaded. */
  isAwaited(keys: TargetKeys, found: Found): boolean;
  /**
   * Resolves when the uploads have ended, or the request must not wait any longer. Never rejects.
   * @returns whether the uploads have ended; `undefined` when there is none, or the request must not wait
   */
  whenEnded(keys: TargetKeys, found: Found, patience: Patience): Promise<boolean> | undefined;
}

export interface ArrivalsOptions {
  readonly ledger: Ledger;
  readonly pending: PendingChanges;
  readonly clock: () => number;
  readonly maxPendingMs: number;
}

const pollMs = 200;

export function createArrivals({ ledger, pending, clock, maxPendingMs }: ArrivalsOptions): Arrivals {
  /** By stamp. All requests of this process that wait for a mark to end share one poller. */
  const pollers = new Map<string, Promise<void>>();

  async function hereEnded(marks: readonly string[], patience: Patience): Promise<boolean> {
    for (let ending = pending.whenEnded(marks, patience); ending !== undefined; ) {
      await ending;
      ending = pending.whenEnded(marks, patience);
    }
    return !pending.has(marks);
  }

  async function poll(marks: readonly string[]): Promise<void> {
    // Counted, because the clock may be set back.
    for (let waitedMs = 0; waitedMs < maxPendingMs; waitedMs += pollMs) {
      // While the store is away, the next look-up uses the local fallback.
      const reading = await ledger.read(marks).catch(() => undefined);
      if (reading?.reachable !== true || !reading.values.some(isPending)) return;
      await delay(pollMs);
    }
  }

  async function elsewhereEnded(marks: readonly string[], stamp: string, patience: Patience): Promise<boolean> {
    const poller = pollers.get(stamp) ?? poll(marks).finally(() => pollers.delete(stamp));
    pollers.set(stamp, poller);
    const waitMs = Math.min(patience.endsAt - clock(), maxPendingMs);
    const isEnded = await within(poller, waitMs);
    if (!isEnded) patience.endsAt = 0;
    return isEnded;
  }

  return {
    isAwaited: ({ marks }, { isPending }) => isPending || pending.has(marks),
    whenEnded({ marks }, { isPending, stamp }, patience) {
      if (patience.endsAt - clock() <= 0) return undefined;
      if (pending.has(marks)) return hereEnded(marks, patience);
      return isPending && stamp !== undefined ? elsewhereEnded(marks, stamp, patience) : undefined;
    },
  };
}

function isPending(mark: unknown): boolean {
  return typeof mark === 'string' && mark.startsWith(pendingPrefix);
}

/** Whether a promise has resolved within this time, in milliseconds. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return Promise.race([promise.then(() => true), late]).finally(() => clearTimeout(timer));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
