import {
  backoffRule,
  type Derivatives,
  derivativesPort,
  type GuardOptions,
  guardNumberRules,
  type PlaceholderSource,
  type Store,
} from '@safelight/core';
import {
  anyValue,
  checkOptions,
  choiceValue,
  finiteValue,
  functionValue,
  optionsValue,
  portValue,
} from '@safelight/protocol';
import type { KeyvLike } from '@safelight/stores';
import type { TokenRate } from './why/token-bucket.ts';

export interface SafelightOptions extends Omit<GuardOptions, 'store' | 'localFallback' | 'derivatives' | 'onError'> {
  /**
   * Where failures and generations are stored: any Keyv, or an implementation of `Store`. Processes that share it share
   * failures and changes. @default this process's memory, `memoryStore()`: at most 50,000 failures
   */
  readonly store?: KeyvLike | Store;
  /**
   * Where derivatives are cached: `fileDerivatives` of `@safelight/originals`, for example.
   * @default this process's memory, at most 64 MiB
   */
  readonly derivatives?: Derivatives;
  /** Shown instead of a picture that is not there. @default 'none' */
  readonly placeholder?: PlaceholderSource;
  /** The status that a placeholder is sent with: the error's own, or 200. @default 'error' */
  readonly placeholderStatus?: 'error' | 200;
  /**
   * The rate of requests to `/_safelight/why` without a cloud's key and secret, all clients together. Requests with key
   * and secret are not limited. @default 50 a second, and 100 at once after a quiet time
   */
  readonly whyRate?: Partial<TokenRate>;
  /** Gets every error that no client caused. An error that it throws itself is ignored. @default console.error */
  readonly onError?: (error: unknown) => void;
}

/**
 * Checks each option by itself. What two of them must be together is checked where their defaults are known.
 * @throws {TypeError} naming the option, what it is, and what it must be
 * @throws {RangeError} with the same message, when it is a number that cannot be used
 */
export function checkSafelightOptions(options: SafelightOptions): void {
  checkOptions<SafelightOptions>('createSafelight()', options, {
    store: portValue('a Keyv, or a Store such as memoryStore()', ['getMany', 'set', 'delete']),
    derivatives: derivativesPort,
    placeholder: anyValue,
    placeholderStatus: choiceValue(['error', 200]),
    whyRate: optionsValue<Partial<TokenRate>>({ perSecond: finiteValue({ above: 0 }), burst: finiteValue({ min: 1 }) }),
    clock: functionValue('Date.now'),
    random: functionValue('Math.random'),
    backoff: backoffRule,
    ...guardNumberRules,
    onOutcome: functionValue('({ outcome }) => console.log(outcome.kind)'),
    onError: functionValue('console.error'),
  });
}
