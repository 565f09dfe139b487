import { type Backoff, defaultLadders } from '@safelight/protocol';
import type { Derivatives } from './derivatives.ts';
import { checkGuardOptions, type GuardOptions, type OutcomeEvent } from './guard-options.ts';
import type { Ladders } from './ladder.ts';
import { createMarkSource, type Ledger, localLedger, type Mark } from './ledger.ts';
import { createMarkLifetimes } from './mark-lifetimes.ts';
import { createPendingChanges, type PendingChanges } from './pending-changes.ts';
import { quietly, quietOnError } from './quietly.ts';
import { tolerantLedger } from './tolerant-ledger.ts';

/** The checked options of a guard, with their defaults, and the objects made from them. */
export interface GuardSettings {
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly random: () => number;
  /** Milliseconds that are never set back. */
  readonly monotonicClock: () => number;
  readonly freshMark: () => Mark;
  readonly ladders: Ladders;
  readonly timeoutMs: number;
  readonly maxWaiters: number;
  readonly maxStaleMs: number;
  readonly minQuietMs: number;
  readonly derivatives: Derivatives | undefined;
  readonly pending: PendingChanges;
  readonly maxPendingMs: number;
  readonly onOutcome: ((event: OutcomeEvent) => void) | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * Checks the options and adds the defaults.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when a number is out of range, or when two options contradict each other
 */
export function checkedOptions(options: GuardOptions): GuardSettings {
  checkGuardOptions(options);
  return settingsOf(options);
}

function settingsOf({
  store,
  localFallback,
  derivatives,
  clock = Date.now,
  random = Math.random,
  monotonicClock = () => performance.now(),
  backoff = {},
  timeoutMs = 30_000,
  maxWaiters = 1000,
  maxStaleMs = 5000,
  minQuietMs = 600_000,
  maxPendingMs = Math.min(5000, timeoutMs / 2),
  onOutcome,
  onError: givenOnError = ignore,
}: GuardOptions): GuardSettings {
  if (maxPendingMs >= timeoutMs)
    throw new RangeError(
      `maxPendingMs (${maxPendingMs}) must be less than timeoutMs (${timeoutMs}). Lower maxPendingMs or raise timeoutMs.`,
    );
  const permanent = windowsOf('permanent', backoff.permanent);
  const ladders: Ladders = {
    absence: permanent,
    missing_version: permanent,
    permanent,
    transient: windowsOf('transient', backoff.transient),
  };
  const onError = quietOnError(givenOnError);
  const quietOnOutcome = onOutcome && quietly(onOutcome, onError);
  const freshMark: () => Mark = createMarkSource();
  const lifetimes = createMarkLifetimes({ ladders, minQuietMs, timeoutMs });
  const ledger =
    localFallback === undefined
      ? localLedger(store, freshMark, lifetimes)
      : tolerantLedger({ store, localFallback, clock, freshMark, lifetimes, maxStaleMs, onError });
  const pending = createPendingChanges({ maxWaitMs: maxPendingMs, clock });
  const limits = { timeoutMs, maxWaiters, maxStaleMs, minQuietMs, maxPendingMs };
  const times = { clock, monotonicClock };
  return {
    ledger,
    ...times,
    random,
    freshMark,
    ladders,
    derivatives,
    pending,
    ...limits,
    onOutcome: quietOnOutcome,
    onError,
  };
}

function windowsOf(name: 'permanent' | 'transient', given: Partial<Backoff> = {}): Backoff {
  const { firstMs = defaultLadders[name].firstMs, maxMs = defaultLadders[name].maxMs } = given;
  if (firstMs > maxMs)
    throw new RangeError(
      `backoff.${name}.firstMs (${firstMs}) is longer than backoff.${name}.maxMs (${maxMs}). Lower firstMs or raise maxMs.`,
    );
  return { firstMs, maxMs };
}

function ignore(): void {}
