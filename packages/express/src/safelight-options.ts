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

export interface SafelightOptions extends Omit<GuardOptions, 'store' | 'island' | 'derivatives' | 'onError'> {
  /**
   * Where failures and generations are remembered: any Keyv, or a Store of one's own; several processes that share it
   * share what they know. @default this process's memory, `memoryStore()`: at most 50,000 failures
   */
  readonly store?: KeyvLike | Store;
  /**
   * Where derivatives are kept: `fileDerivatives` of `@safelight/originals`, say.
   * @default this process's memory, at most 64 MiB
   */
  readonly derivatives?: Derivatives;
  /** Shown instead of a picture that is not there. @default 'none' */
  readonly placeholder?: PlaceholderSource;
  /** The status that a placeholder is sent with: the error's own, or 200. @default 'error' */
  readonly placeholderStatus?: 'error' | 200;
  /**
   * How often strangers may ask `/_safelight/why`, all together; who has a cloud's key and secret may always.
   * @default 50 times a second, 100 at once after a quiet time
   */
  readonly whyRate?: Partial<TokenRate>;
  /** Sees every fault that is not a client's. What it throws itself is dropped. @default console.error */
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
    lasting: backoffRule,
    passing: backoffRule,
    ...guardNumberRules,
    onOutcome: functionValue('({ outcome }) => console.log(outcome.kind)'),
    onError: functionValue('console.error'),
  });
}
