import { type LedgerReading, type Mark, marksIn } from './ledger.ts';
import { isInstant, isPlainObject } from './record-schema.ts';
import { staleEndsAt } from './stale-period.ts';
import type { Store } from './store.ts';
import type { StoredValue } from './stored-value.ts';
import { keyKind } from './target.ts';

/**
 * First marks that the shared store has refused, because it is full or read-only. This process uses such a mark where the
 * store says that an asset has none. Otherwise each request for a new missing asset would run.
 *
 * A held mark could hide the mark of a change that the store has confirmed and evicted. So it is used until the end of a
 * period of `maxStaleMs` at most, and no longer than until this process reads a mark from the store.
 */
export interface HeldMarks {
  /** Replaces each absent mark by the held one, if there is one. `isHeld`: whether a mark was replaced. */
  fill(keys: readonly string[], values: LedgerReading['values']): Promise<FilledMarks>;
  /**
   * Whether a stamp has a held mark: then the store does not have this mark.
   * @param keys - the keys of the marks in the stamp
   */
  isIn(stamp: string, keys: readonly string[]): Promise<boolean>;
  /** Holds a new mark for an asset. */
  hold(key: string): Promise<void>;
  /** The asset has changed in this process, so its held mark must not be used any more. */
  drop(key: string): Promise<void>;
}

export interface FilledMarks {
  readonly values: LedgerReading['values'];
  readonly isHeld: boolean;
}

export interface HeldMarksOptions {
  /** A store in this process. */
  readonly localFallback: Store;
  readonly clock: () => number;
  readonly freshMark: () => Mark;
  readonly maxStaleMs: number;
}

export function createHeldMarks({ localFallback, clock, freshMark, maxStaleMs }: HeldMarksOptions): HeldMarks {
  let lastUntil = Number.NEGATIVE_INFINITY;
  const heldKey = (key: string) => `held|${key}`;

  return {
    async fill(keys, values) {
      const now = clock();
      if (now >= lastUntil) return { values, isHeld: false };
      const held = await localFallback.getMany(keys.map(heldKey));
      const filled = [...values];
      let isHeld = false;
      for (const [i, key] of keys.entries()) {
        if (keyKind(key) !== 'mark' || held[i] === undefined) continue;
        const mark = usableMark(held[i], now, maxStaleMs);
        if (values[i] !== undefined || mark === undefined) await localFallback.delete(heldKey(key));
        else {
          filled[i] = mark;
          isHeld = true;
        }
      }
      return { values: filled, isHeld };
    },
    async isIn(stamp, keys) {
      const now = clock();
      if (now >= lastUntil) return false;
      const held = await localFallback.getMany(keys.map(heldKey));
      const marks = marksIn(stamp).split(' ');
      return held.some((value, index) => value !== undefined && usableMark(value, now, maxStaleMs) === marks[index]);
    },
    async hold(key) {
      const until = staleEndsAt(clock(), maxStaleMs);
      lastUntil = Math.max(lastUntil, until);
      await localFallback.set(heldKey(key), { mark: freshMark(), until }, maxStaleMs);
    },
    async drop(key) {
      await localFallback.delete(heldKey(key));
    },
  };
}

/** The mark in a held value, unless its time is over. `until` is checked here, because a store may ignore the TTL. */
export function usableMark(held: StoredValue | undefined, now: number, maxStaleMs: number): Mark | undefined {
  if (!isPlainObject(held)) return undefined;
  const { mark, until } = held;
  // More than `maxStaleMs` are left only if the clock was set back.
  const isInTime = isInstant(until) && now < until && until - now <= maxStaleMs;
  return typeof mark === 'string' && isInTime ? mark : undefined;
}
