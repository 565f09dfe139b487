import {
  type Backoff,
  checkOptions,
  finiteValue,
  functionValue,
  type OptionRule,
  optionsValue,
  portValue,
  required,
} from '@safelight/protocol';
import type { Derivatives } from './derivatives.ts';
import type { Outcome } from './outcome.ts';
import type { Store } from './store.ts';
import type { Target } from './target.ts';

/** The event that `onOutcome` receives. */
export interface OutcomeEvent {
  readonly target: Target;
  readonly outcome: Outcome<unknown>;
}

/** How long failures are held: `firstMs` for the first failure, doubling up to `maxMs` with each further one. */
export interface BackoffOptions {
  /**
   * Windows of permanent failures, which last until something changes: missing originals, missing versions, bad
   * requests.
   * @default { firstMs: 60_000, maxMs: 86_400_000 } (1 minute, doubling to 24 hours)
   */
  readonly permanent?: Partial<Backoff>;
  /**
   * Windows of transient failures: crashes, timeouts, an upstream server that is down.
   * @default { firstMs: 1000, maxMs: 300_000 } (1 second, doubling to 5 minutes)
   */
  readonly transient?: Partial<Backoff>;
}

export interface GuardOptions {
  /** Stores the records of failures and cached derivatives, and the generation marks. */
  readonly store: Store;
  /**
   * A store in this process that replaces `store` while that is down or slow, such as `memoryStore()`. Needed if
   * `store` is outside this process.
   * @default errors of the store are thrown
   */
  readonly localFallback?: Store;
  /** The cache for the bytes of derivatives. @default no derivatives are cached */
  readonly derivatives?: Derivatives;
  /** Returns the time in epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /**
   * Returns milliseconds that are never set back. It measures how long this process has a lease of the store.
   * @default performance.now
   */
  readonly monotonicClock?: () => number;
  /** Returns a random number from 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** How long failures are held. @default see `BackoffOptions` */
  readonly backoff?: BackoffOptions;
  /** The longest run, in milliseconds, at most 2_147_483_647. A longer one fails with `timed_out`. @default 30_000 */
  readonly timeoutMs?: number;
  /** How many requests may wait for one run. Further ones get the outcome `busy`. @default 1000 */
  readonly maxWaiters?: number;
  /** The longest time that a failure is held while the store cannot be reached, in milliseconds. @default 5000 */
  readonly maxStaleMs?: number;
  /**
   * The quiet period after a window, in milliseconds, or the length of the window if that is longer. A failure within
   * this period gets the next rung of the ladder; a later failure starts at the first rung.
   * @default 600_000
   */
  readonly minQuietMs?: number;
  /**
   * How long a request waits for an original that is being uploaded, in milliseconds from the start of the request.
   * Must be less than `timeoutMs`.
   * @default 5000, or half of `timeoutMs` if that is less
   */
  readonly maxPendingMs?: number;
  /** Called with the outcome of each request. Its errors go to `onError`. @default does nothing */
  readonly onOutcome?: (event: OutcomeEvent) => void;
  /** Called with each error of the store and of the hooks. Its own errors are ignored. @default does nothing */
  readonly onError?: (error: unknown) => void;
}

const storePort = portValue('a Store, such as memoryStore() of @safelight/stores', ['getMany', 'set', 'delete']);

/** The rule for an option that takes a `Derivatives`. */
export const derivativesPort: OptionRule = portValue('a place for derivatives, such as memoryDerivatives()', [
  ...['open', 'create', 'remove'],
]);

const finitePositive = finiteValue({ min: 1 });

const windowsRule: OptionRule = optionsValue<Partial<Backoff>>({ firstMs: finitePositive, maxMs: finitePositive });

/** The rule for an option that takes the windows of failures. */
export const backoffRule: OptionRule = optionsValue<BackoffOptions>({ permanent: windowsRule, transient: windowsRule });

/** The rules for the options that are numbers. `setTimeout` fires at once for a delay of more than 2 ** 31 - 1. */
export const guardNumberRules: Readonly<Record<GuardNumber, OptionRule>> = {
  timeoutMs: finiteValue({ min: 1, max: 2 ** 31 - 1, unit: 'milliseconds' }),
  maxWaiters: finitePositive,
  maxStaleMs: finitePositive,
  minQuietMs: finitePositive,
  maxPendingMs: finitePositive,
};

type GuardNumber = 'timeoutMs' | 'maxWaiters' | 'maxStaleMs' | 'minQuietMs' | 'maxPendingMs';

/**
 * Checks each option separately. `checkedOptions` checks options that depend on each other.
 * @throws {TypeError} when an option does not exist or has a wrong type
 * @throws {RangeError} when a number is out of range
 */
export function checkGuardOptions(options: GuardOptions): void {
  checkOptions<GuardOptions>('createGuard()', options, {
    store: required(storePort),
    localFallback: storePort,
    derivatives: derivativesPort,
    clock: functionValue('Date.now'),
    monotonicClock: functionValue('() => performance.now()'),
    random: functionValue('Math.random'),
    backoff: backoffRule,
    ...guardNumberRules,
    onOutcome: functionValue('({ outcome }) => console.log(outcome.kind)'),
    onError: functionValue('console.error'),
  });
}
