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

export interface OutcomeEvent {
  readonly target: Target;
  readonly outcome: Outcome<unknown>;
}

export interface BackoffOptions {
  /**
   * Windows of permanent failures: missing originals, missing versions, bad requests. They fail again until something
   * changes. @default 1 min, doubling to 24 h
   */
  readonly permanent?: Partial<Backoff>;
  /** Windows of transient failures: crashes, timeouts, an upstream that is down. @default 1 s, doubling to 5 min */
  readonly transient?: Partial<Backoff>;
}

export interface GuardOptions {
  /** Where failures and generations are remembered. */
  readonly store: Store;
  /**
   * For a store outside this process: a store in this process that replaces it while it is down or slow. Without it the
   * guard expects the store to be always available.
   */
  readonly localFallback?: Store;
  /** Where the bytes of derivatives are kept, for requests that keep them. @default nothing is kept */
  readonly derivatives?: Derivatives;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** How long failures are held: the first window, doubling up to the longest one. */
  readonly backoff?: BackoffOptions;
  /** How long a handler may take, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
  /** How many requests may wait for one run. @default 1000 */
  readonly maxWaiters?: number;
  /** The longest that a failure is held while the store cannot be reached, in milliseconds. @default 5000 */
  readonly maxStaleMs?: number;
  /** The shortest time after a window in which a failure still counts as the rung before, in milliseconds. @default 600_000 */
  readonly minQuietMs?: number;
  /**
   * How long a request waits for an original that is arriving, in milliseconds from the start of the request. Shorter
   * than `timeoutMs`. @default 5000, but half of `timeoutMs` where that is less
   */
  readonly maxPendingMs?: number;
  /** Sees how every request ended. What it throws goes to `onError`. */
  readonly onOutcome?: (event: OutcomeEvent) => void;
  /** Sees every fault of the store. What it throws itself is dropped. @default nothing */
  readonly onError?: (error: unknown) => void;
}

const storePort = portValue('a Store, such as memoryStore() of @safelight/stores', ['getMany', 'set', 'delete']);

/** What an option must be that takes a place for derivatives. */
export const derivativesPort: OptionRule = portValue('a place for derivatives, such as memoryDerivatives()', [
  ...['open', 'create', 'remove'],
]);

const finitePositive = finiteValue({ min: 1 });

const windowsRule: OptionRule = optionsValue<Partial<Backoff>>({ firstMs: finitePositive, maxMs: finitePositive });

/** What an option must be that takes the windows of failures. */
export const backoffRule: OptionRule = optionsValue<BackoffOptions>({ permanent: windowsRule, transient: windowsRule });

/** What the numbers among the options must be. A timer of Node's takes no more than `timeoutMs`, and would fire at once. */
export const guardNumberRules: Readonly<Record<GuardNumber, OptionRule>> = {
  timeoutMs: finiteValue({ min: 1, max: 2 ** 31 - 1, unit: 'milliseconds' }),
  maxWaiters: finitePositive,
  maxStaleMs: finitePositive,
  minQuietMs: finitePositive,
  maxPendingMs: finitePositive,
};

type GuardNumber = 'timeoutMs' | 'maxWaiters' | 'maxStaleMs' | 'minQuietMs' | 'maxPendingMs';

/**
 * Checks each option by itself. What two of them must be together is checked where their defaults are known.
 * @throws {TypeError} naming the option, what it is, and what it must be
 * @throws {RangeError} with the same message, when it is a number that cannot be used
 */
export function checkGuardOptions(options: GuardOptions): void {
  checkOptions<GuardOptions>('createGuard()', options, {
    store: required(storePort),
    localFallback: storePort,
    derivatives: derivativesPort,
    clock: functionValue('Date.now'),
    random: functionValue('Math.random'),
    backoff: backoffRule,
    ...guardNumberRules,
    onOutcome: functionValue('({ outcome }) => console.log(outcome.kind)'),
    onError: functionValue('console.error'),
  });
}
