import type { Store } from '@safelight/core';

/** An empty store for one test, and functions that act on it from outside. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Advances the clock that was passed to the store. Required for the capability `passedClock`. */
  readonly advance?: (ms: number) => void;
  /** A second store with the same contents, like that of another process. Required for `shared`. */
  readonly second?: Store;
  /** Makes the contents unreachable. Required for `outage`. */
  readonly cut?: () => Promise<void>;
  /** Ends the effect of `cut`; resolves when the store can be used again. Required for `outage`. */
  readonly mend?: () => Promise<void>;
  /** Called after each test. */
  readonly close?: () => Promise<void>;
}

/** Defines one test; `run` gets an empty store. */
export type DefineTest = (title: string, run: (under: StoreUnderTest) => Promise<void>) => unknown;

export const hourMs: number = 60 * 60 * 1000;
