import { type CachedVariant, withVariant } from './cached-record.ts';
import type { Derivatives } from './derivatives.ts';
import { type Failure, type Fault, type HeldClass, heldClasses } from './failure.ts';
import { recordTtlMs, withFailure, withoutFailuresFor } from './failure-variants.ts';
import { climb, type Ladders } from './ladder.ts';
import type { Ledger } from './ledger.ts';
import type { Found, LookUp } from './lookup.ts';
import { markTtlMs } from './mark-lifetimes.ts';
import type { PendingChanges } from './pending-changes.ts';
import { staleEndsAt } from './stale-period.ts';
import type { TargetKeys } from './target.ts';

/** Records the results of runs in the store. `before`: what the last look-up before the run has found. */
export interface Recorder {
  /**
   * Records a failure under the marks that were read before the run. The window begins when the attempt ended. While
   * the store cannot be reached, the window ends at `staleEndsAt(times.startedAt)` at the latest.
   * @returns the failure that is now recorded; `'changed'` if the asset has changed since `before`: then nothing was
   *   written; `undefined` if this class of failures has no key, or if the original is being uploaded
   */
  failure(
    keys: TargetKeys,
    before: Found,
    fault: HeldFault,
    times: AttemptTimes,
  ): Promise<Failure | 'changed' | undefined>;
  /**
   * Removes the failures in `before` after a success. The ladders of these failures end.
   * @returns whether the marks are still the same as in `before`
   */
  success(keys: TargetKeys, before: Found): Promise<boolean>;
  /**
   * Records a stored derivative under the marks that were read before the run. Removes the bytes of each variant that
   * the new variant replaces. If the asset has changed since `before`, or the store cannot be reached, removes the new
   * bytes instead and records nothing.
   */
  derivative(keys: TargetKeys, before: Found, variant: CachedVariant): Promise<void>;
}

/** A fault that is held for a time. */
export type HeldFault = Fault & { readonly class: HeldClass };

export function isHeld(fault: Fault): fault is HeldFault {
  return fault.class !== 'never';
}

/** When an attempt started and ended, in epoch milliseconds. */
export interface AttemptTimes {
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface RecorderOptions {
  readonly ledger: Ledger;
  readonly lookUp: LookUp;
  readonly ladders: Ladders;
  readonly clock: () => number;
  readonly derivatives: Derivatives | undefined;
  readonly pending: PendingChanges;
  readonly minQuietMs: number;
  /** The longest window while the store cannot be reached, in milliseconds. */
  readonly maxStaleMs: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { ledger, lookUp, ladders, clock, derivatives, pending, minQuietMs, maxStaleMs } = options;
  return {
    async failure(keys, before, fault, { startedAt, endedAt }) {
      const key = keys[fault.class];
      if (key === undefined) return undefined;
      const after = await lookUp.read(keys, before.matches);
      const { stamp } = before;
      if (stamp === undefined || after.stamp !== stamp) return 'changed';
      if (pending.has(keys.marks)) return undefined;
      const stored = after[fault.class];
      const failure = climb(
        {
          fault,
          stamp,
          variant: fault.ofVariant === true && keys.variant !== '' ? keys.variant : undefined,
          before: before[fault.class],
          stored,
          now: endedAt,
          maxMs: after.reachable ? Infinity : staleEndsAt(startedAt, maxStaleMs) - endedAt,
        },
        ladders,
      );
      if (failure === undefined) return stored as Failure;
      const record = withFailure(recordOf(after, fault.class), failure);
      await ledger.record({
        key,
        value: record,
        ttlMs: recordTtlMs(record, minQuietMs, endedAt),
        marks: keys.marks,
      });
      return failure;
    },

    async success(keys, before) {
      const after = await lookUp.read(keys, before.matches);
      if (after.stamp !== before.stamp) return false;
      for (const held of heldClasses) {
        const key = keys[held];
        if (key === undefined || before[held] === undefined) continue;
        const { matches } = before;
        const rest = withoutFailuresFor(recordOf(after, held), { variant: keys.variant, matches });
        if (rest === undefined) await ledger.forget(key);
        else {
          const ttlMs = recordTtlMs(rest, minQuietMs, clock());
          await ledger.record({ key, value: rest, ttlMs, marks: keys.marks });
        }
      }
      return true;
    },

    async derivative(keys, before, variant) {
      const { stamp } = before;
      const after = await lookUp.read(keys);
      if (stamp === undefined || keys.cached === undefined || after.stamp !== stamp || !after.reachable) {
        await derivatives?.remove(variant.name);
        return;
      }
      const place = derivatives?.place;
      const placed = place === undefined ? variant : { ...variant, place };
      const { record, replaced } = withVariant(after.cached, placed, stamp);
      await ledger.record({ key: keys.cached, value: record, ttlMs: markTtlMs, marks: keys.marks });
      for (const name of replaced) await derivatives?.remove(name);
    },
  };
}

/** A failure of the original has no variants, so its record is the failure itself. */
function recordOf(found: Found, held: HeldClass): Failure | undefined {
  return held === 'permanent' || held === 'transient' ? found.records[held] : found[held];
}
