import type { Store } from '@safelight/core';

/** What a test gives the suite: a store of its own, empty, and the means to act on it from outside. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Moves the clock that was passed to the store. Needed for the capability `passedClock`. */
  readonly advance?: (ms: number) => void;
  /** A second store over the same contents, as another process has one. Needed for `shared`. */
  readonly second?: Store;
  /** Makes the contents unreachable. Needed for `outage`. */
  readonly cut?: () => Promise<void>;
  /** Ends what `cut` did; resolves when the store can be used again. Needed for `outage`. */
  readonly mend?: () => Promise<void>;
  /** Called after each test. */
  readonly close?: () => Promise<void>;
}

/** Defines one test; `run` gets a store of its own, empty. */
export type DefineTest = (title: string, run: (under: StoreUnderTest) => Promise<void>) => unknown;

export const HOUR_MS: number = 60 * 60 * 1000;
