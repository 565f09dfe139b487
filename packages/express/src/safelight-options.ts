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
  stringValue,
} from '@safelight/protocol';
import type { KeyvLike } from '@safelight/stores';
import type { TokenRate } from './why/token-bucket.ts';

/** The options of `createSafelight()`. */
export interface SafelightOptions
  extends Omit<GuardOptions, 'store' | 'localFallback' | 'derivatives' | 'monotonicClock' | 'onError'> {
  /**
   * Where failures and generations are stored: any Keyv, or an implementation of `Store`. Processes that share a store
   * share failures and changes. @default the memory of this process, `memoryStore()`: at most 50,000 failures
   */
  readonly store?: KeyvLike | Store;
  /**
   * Where derivatives are cached: `fileDerivatives` of `@safelight/originals`, for example.
   * @default the memory of this process, `memoryDerivatives()`: at most 64 MiB
   */
  readonly derivatives?: Derivatives;
  /**
   * The picture that is sent instead of an error to clients that request a picture: `'drawn'`, the path of an image
   * file, or `{ contentType, bytes }`. @default 'none'
   */
  readonly placeholder?: PlaceholderSource;
  /** The status of responses with a placeholder: that of the error, or 200. @default 'error' */
  readonly placeholderStatus?: 'error' | 200;
  /**
   * The rate of requests to the control routes without a cloud's key and secret, for each client address. Requests with key
   * and secret are not limited. A proxy in front is one address, unless the application has set `trust proxy`. @default { perSecond: 50, burst: 100 }: 50 per second, and 100 at once after a pause
   */
  readonly whyRate?: Partial<TokenRate>;
  /**
   * A text that changes when the code of a handler changes, such as the version of a deploy. A new text makes all earlier
   * failures and cached responses invalid. @default ''
   */
  readonly epoch?: string;
  /**
   * Called with crashes and timeouts of handlers, and with faults of the store. Errors that it throws itself are
   * ignored.
   * @default console.error
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Checks each option by itself. Combinations of options are checked later, when their defaults are known.
 * @throws {TypeError} when an option does not exist or has a wrong type; the message says what it must be
 * @throws {RangeError} when a number is out of range; the message says the range
 */
export function checkSafelightOptions(options: SafelightOptions): void {
  checkOptions<SafelightOptions>('createSafelight()', options, {
    store: portValue('a Keyv, or a Store such as memoryStore()', ['getMany', 'set', 'delete']),
    derivatives: derivativesPort,
    placeholder: anyValue,
    placeholderStatus: choiceValue(['error', 200]),
    whyRate: optionsValue<Partial<TokenRate>>({ perSecond: finiteValue({ above: 0 }), burst: finiteValue({ min: 1 }) }),
    epoch: stringValue,
    clock: functionValue('Date.now'),
    random: functionValue('Math.random'),
    backoff: backoffRule,
    ...guardNumberRules,
    onOutcome: functionValue('({ outcome }) => console.log(outcome.kind)'),
    onError: functionValue('console.error'),
  });
}
