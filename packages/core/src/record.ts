import { type CachedVariant, withVariant } from './cached-record.ts';
import type { Derivatives } from './derivatives.ts';
import { type Failure, type Fault, type HeldClass, heldClasses } from './failure.ts';
import { climb, type Ladders, quietMs } from './ladder.ts';
import { type Ledger, markTtlMs } from './ledger.ts';
import type { Found, LookUp } from './lookup.ts';
import type { PendingChanges } from './pending-changes.ts';
import type { TargetKeys } from './target.ts';

export interface Recorder {
  /**
   * Remembers a fault under the marks that were read before the run.
   * @param times - epoch milliseconds: the window begins when the attempt ended; what a process finds while it is cut
   *   off from the store counts from when the attempt began
   * @returns the failure that stands now; `'moved'` when the asset has changed since: then nothing is written;
   *   `undefined` when these keys hold no failures of this class, or the original is arriving
   */
  failure(keys: TargetKeys, before: Found, fault: HeldFault, times: Times): Promise<Failure | 'moved' | undefined>;
  /** Ends the ladders that a run began with, after a success. @returns whether the marks still stand */
  success(keys: TargetKeys, before: Found): Promise<boolean>;
  /**
   * Remembers a kept derivative, under the marks that were read before the run. Removes the bytes that it replaces, and
   * the new bytes too when the asset has changed since.
   */
  cached(keys: TargetKeys, before: Found, variant: CachedVariant): Promise<void>;
}

export type HeldFault = Fault & { readonly class: HeldClass };

export function isHeld(fault: Fault): fault is HeldFault {
  return fault.class !== 'never';
}

export interface Times {
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
  readonly ladders: Ladders;
  readonly derivatives: Derivatives | undefined;
  readonly pending: PendingChanges;
  readonly minQuietMs: number;
  /** Longest window while the store cannot be reached, milliseconds. */
  readonly maxStaleMs: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { ledger, lookUp, ladders, derivatives, pending, minQuietMs, maxStaleMs } = options;
  return {
    async failure(keys, before, fault, { startedAt, endedAt }) {
      const key = keys[fault.class];
      if (key === undefined) return undefined;
      const after = await lookUp.read(keys);
      const { stamp } = before;
      if (stamp === undefined || after.stamp !== stamp) return 'moved';
      if (pending.has(keys.marks)) return undefined;
      const stored = after[fault.class];
      const failure = climb(
        {
          fault,
          stamp,
          before: before[fault.class],
          stored,
          now: endedAt,
          maxMs: after.reachable ? Infinity : staleEndsAt(startedAt, maxStaleMs) - endedAt,
        },
        ladders,
      );
      if (failure === undefined) return stored as Failure;
      await ledger.record(key, failure, failure.until - endedAt + quietMs(failure, minQuietMs));
      return failure;
    },

    async success(keys, before) {
      const after = await lookUp.read(keys);
      if (after.stamp !== before.stamp) return false;
      for (const held of heldClasses) {
        const key = keys[held];
        if (key !== undefined && before[held] !== undefined) await ledger.forget(key);
      }
      return true;
    },

    async cached(keys, before, variant) {
      const { stamp } = before;
      const after = await lookUp.read(keys);
      if (stamp === undefined || keys.cached === undefined || after.stamp !== stamp || !after.reachable) {
        await derivatives?.remove(variant.name);
        return;
      }
      const { record, replaced } = withVariant(after.cached, variant, stamp);
      await ledger.record(keys.cached, record, markTtlMs);
      for (const name of replaced) await derivatives?.remove(name);
    },
  };
}

/**
 * Until when a process that is cut off from the store may use what a run found that it began at this instant. All runs
 * of one period end with it, so that neither joining a run nor recording what it said makes that any older.
 */
export function staleEndsAt(startedAt: number, maxStaleMs: number): number {
  return (Math.floor(startedAt / maxStaleMs) + 1) * maxStaleMs;
}
