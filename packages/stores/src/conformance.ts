import { booleanValue, checkOptions, functionValue, optionsValue, required } from '@safelight/protocol';
import { followsThePassedClock, letsKeysExpire } from './conformance/expiry.ts';
import { doesNotHideAnOutage, isShared } from './conformance/several-processes.ts';
import type { DefineTest, StoreUnderTest } from './conformance/store-under-test.ts';
import { isOneRegisterPerKey, storesWhatItIsGiven } from './conformance/values.ts';

export type { StoreUnderTest } from './conformance/store-under-test.ts';

export interface StoreCapabilities {
  /** Expiry follows a clock that the test moves, so lifetimes of any length are tested exactly. */
  readonly passedClock?: boolean;
  /** Several processes can use the same contents. */
  readonly shared?: boolean;
  /** The contents can become unreachable; then nothing may look absent, and no write confirmed. */
  readonly outage?: boolean;
}

export interface StoreConformance {
  readonly describe: (title: string, define: () => void) => unknown;
  readonly it: (title: string, run: () => Promise<void>) => unknown;
  readonly create: () => StoreUnderTest | Promise<StoreUnderTest>;
  readonly capabilities?: StoreCapabilities;
}

/**
 * What every Store must do, as tests for any runner with `describe` and `it` (mocha, vitest, node:test).
 *
 * Stores without `passedClock` are asked again and again, for up to 5 s, until a key of 1 ms is gone.
 *
 * @throws TypeError when an option or a capability does not exist, so that no test is left out by a slip
 */
export function storeConformance(options: StoreConformance): void {
  checkOptions<StoreConformance>('storeConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('() => ({ store: memoryStore() })')),
    capabilities: optionsValue<StoreCapabilities>({
      passedClock: booleanValue,
      shared: booleanValue,
      outage: booleanValue,
    }),
  });
  const { describe, it, create, capabilities = {} } = options;
  const test: DefineTest = (title, run) =>
    it(title, async () => {
      const under = await create();
      try {
        await run(under);
      } finally {
        await under.close?.();
      }
    });
  describe('keeps what it is given', () => storesWhatItIsGiven(test));
  describe('is one register per key', () => isOneRegisterPerKey(test));
  describe('lets keys expire', () => letsKeysExpire(test));
  if (capabilities.passedClock) describe('follows the clock that was passed', () => followsThePassedClock(test));
  if (capabilities.shared) describe('is shared', () => isShared(test));
  if (capabilities.outage) describe('does not hide an outage', () => doesNotHideAnOutage(test));
}
