import { type CachedVariant, withVariant } from './cached-record.ts';
import type { Derivatives } from './derivatives.ts';
import { type Failure, type Fault, type HeldClass, heldClasses } from './failure.ts';
import { recordTtlMs, withFailure, withoutFailuresFor } from './failure-variants.ts';
import { climb, type Ladders } from './ladder.ts';
import type { Ledger } from './ledger.ts';
import type { Found, LookUp } from './lookup.ts';
import { markTtlMs } from './mark-lifetimes.ts';
import type { PendingChanges } from './pending-changes.ts';
import type { RunLease } from './run-lease.ts';
import { staleEndsAt } from './stale-period.ts';
import type { TargetKeys } from './target.ts';
import { createWriteRecord } from './write-record.ts';

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
  derivative(keys: TargetKeys, before: Found, variant: CachedVariant, lease?: RunLease): Promise<void>;
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
  /** The lease of the attempt. If it is lost, nothing is recorded. */
  readonly lease?: RunLease | undefined;
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
  const writeRecord = createWriteRecord({ ledger, lookUp });
  return {
    async failure(keys, before, fault, { startedAt, endedAt, lease }) {
      const held = fault.class;
      const { stamp } = before;
      if (keys[held] === undefined) return undefined;
      if (stamp === undefined) return 'changed';
      let failure: Failure | undefined;
      let isAwaited = false;
      const result = await writeRecord({ keys, name: held, before, lease }, (found) => {
        isAwaited = found.isPending || pending.has(keys.marks);
        if (isAwaited) return undefined;
        const variant = fault.ofVariant === true && keys.variant !== '' ? keys.variant : undefined;
        const maxMs = found.reachable ? Infinity : staleEndsAt(startedAt, maxStaleMs) - endedAt;
        const attempt = { fault, stamp, variant, before: before[held], now: endedAt, maxMs };
        failure = climb({ ...attempt, stored: found[held] }, ladders);
        if (failure === undefined) return undefined;
        const value = withFailure(recordOf(found, held), failure);
        return { value, ttlMs: recordTtlMs(value, minQuietMs, endedAt) };
      });
      if (result === 'moved') return 'changed';
      if (isAwaited) return undefined;
      return result === 'written' ? failure : result[held];
    },

    async success(keys, before) {
      const after = await lookUp.read(keys, before.matches);
      if (after.stamp !== before.stamp) return false;
      for (const held of heldClasses) {
        const key = keys[held];
        if (key === undefined || before[held] === undefined) continue;
        const question = { variant: keys.variant, matches: before.matches };
        const rest = withoutFailuresFor(recordOf(after, held), question);
        if (rest === undefined) await ledger.forget(key);
        else {
          await writeRecord({ keys, name: held, before: after, lease: undefined }, (found) => {
            const value = withoutFailuresFor(recordOf(found, held), question);
            return value && { value, ttlMs: recordTtlMs(value, minQuietMs, clock()) };
          });
        }
      }
      return true;
    },

    async derivative(keys, before, variant, lease) {
      const { stamp } = before;
      const place = derivatives?.place;
      const placed = place === undefined ? variant : { ...variant, place };
      let replaced: readonly string[] = [];
      const result = await writeRecord({ keys, name: 'cached', before, lease }, (found) => {
        if (stamp === undefined || !found.reachable) return undefined;
        const made = withVariant(found.cached, placed, stamp);
        ({ replaced } = made);
        return { value: made.record, ttlMs: markTtlMs };
      });
      const unused = result === 'written' ? replaced : [variant.name];
      for (const name of unused) await derivatives?.remove(name);
    },
  };
}

/** A failure of the original has no variants, so its record is the failure itself. */
function recordOf(found: Found, held: HeldClass): Failure | undefined {
  return held === 'permanent' || held === 'transient' ? found.records[held] : found[held];
}
