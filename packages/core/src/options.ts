import { type Backoff, defaultLadders } from '@safelight/protocol';
import type { Derivatives } from './derivatives.ts';
import { createMarkSource, type Mark } from './generation.ts';
import type { Ladders } from './ladder.ts';
import { type Ledger, localLedger } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import { createPendingChanges, type PendingChanges } from './pending-changes.ts';
import type { Store } from './store.ts';
import type { Target } from './target.ts';
import { tolerantLedger } from './tolerant-ledger.ts';

export interface OutcomeEvent {
  readonly target: Target;
  readonly outcome: Outcome<unknown>;
}

export interface GuardOptions {
  /** Where failures and generations are remembered. */
  readonly store: Store;
  /**
   * For a store outside this process: what stands in for it, in this process alone, while it is down or slow. Without
   * one the store is taken to be always there.
   */
  readonly island?: Store;
  /** Where the bytes of derivatives are kept, for requests that keep them. @default nothing is kept */
  readonly derivatives?: Derivatives;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** Windows of deterministic failures: missing originals, missing versions, bad requests. @default 1 min, doubling to 24 h */
  readonly lasting?: Partial<Backoff>;
  /** Windows of failures that pass by themselves. @default 1 s, doubling to 5 min */
  readonly passing?: Partial<Backoff>;
  /** How long a handler may take, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** How many requests may wait for one run. @default 1000 */
  readonly maxWaiters?: number;
  /** The longest that a failure is held while the store cannot be reached, in milliseconds. @default 5000 */
  readonly maxStaleMs?: number;
  /** The shortest time after a window in which a failure still counts as the rung before, in milliseconds. @default 600_000 */
  readonly leastQuietMs?: number;
  /**
   * How long who misses an original waits while it is arriving, in milliseconds, from when it was asked for. Shorter than
   * `timeoutMs`. @default 5000, but half of `timeoutMs` where that is less
   */
  readonly maxPendingMs?: number;
  /** Sees how every request ended. Must not throw. */
  readonly onOutcome?: (event: OutcomeEvent) => void;
  /** Sees every fault of the store. Must not throw. @default nothing */
  readonly onError?: (error: unknown) => void;
}

export interface GuardSettings {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly random: () => number;
  readonly ladders: Ladders;
  readonly timeoutMs: number;
  readonly maxWaiters: number;
  readonly maxStaleMs: number;
  readonly leastQuietMs: number;
  readonly derivatives: Derivatives | undefined;
  readonly pending: PendingChanges;
  readonly maxPendingMs: number;
  readonly onOutcome: ((event: OutcomeEvent) => void) | undefined;
  readonly onError: (error: unknown) => void;
}

/** Defaults and checks, once, at creation. @throws {RangeError} naming the option and what it may be */
export function checkedOptions({
  store,
  island,
  derivatives,
  clock = Date.now,
  random = Math.random,
  lasting = {},
  passing = {},
  timeoutMs = 30_000,
  maxWaiters = 1000,
  maxStaleMs = 5000,
  leastQuietMs = 600_000,
  maxPendingMs = Math.min(5000, timeoutMs / 2),
  onOutcome,
  onError = ignore,
}: GuardOptions): GuardSettings {
  positive({ timeoutMs, maxWaiters, maxStaleMs, leastQuietMs, maxPendingMs });
  // A timer of Node's takes no more and would fire at once.
  if (timeoutMs > 2 ** 31 - 1)
    throw new RangeError(`timeoutMs is ${timeoutMs}; the longest is 2147483647 (24.8 days).`);
  if (maxPendingMs >= timeoutMs)
    throw new RangeError(
      `maxPendingMs (${maxPendingMs}) is not shorter than timeoutMs (${timeoutMs}): who waits would time out; set it lower.`,
    );
  const deterministic = backoff('lasting', { ...defaultLadders.lasting, ...lasting });
  const ladders: Ladders = {
    absence: deterministic,
    missing_version: deterministic,
    lasting: deterministic,
    passing: backoff('passing', { ...defaultLadders.passing, ...passing }),
  };
  const freshMark: () => Mark = createMarkSource();
  const ledger =
    island === undefined ? localLedger(store, freshMark) : tolerantLedger({ store, island, clock, freshMark, onError });
  const pending = createPendingChanges({ maxWaitMs: maxPendingMs, clock });
  const limits = { timeoutMs, maxWaiters, maxStaleMs, leastQuietMs, maxPendingMs };
  return { ledger, clock, random, ladders, derivatives, pending, ...limits, onOutcome, onError };
}

function backoff(name: string, { firstMs, capMs }: Backoff): Backoff {
  positive({ [`${name}.firstMs`]: firstMs, [`${name}.capMs`]: capMs });
  if (firstMs > capMs)
    throw new RangeError(`${name}.firstMs (${firstMs}) is longer than ${name}.capMs (${capMs}); swap them.`);
  return { firstMs, capMs };
}

function positive(options: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(Number.isFinite(value) && value >= 1)) {
      throw new RangeError(`${name} is ${value}; it must be a finite number, at least 1.`);
    }
  }
}

function ignore(): void {}
