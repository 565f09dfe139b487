import { booleanValue, checkOptions, functionValue, optionsValue, required } from '@safelight/protocol';
import { writesForTheHolder, writesIfUnchanged } from './conformance/conditional-records.ts';
import { followsThePassedClock, letsKeysExpire } from './conformance/expiry.ts';
import { lengthensMarks } from './conformance/extension.ts';
import { hasLeases } from './conformance/leases.ts';
import { doesNotHideAnOutage, isShared } from './conformance/several-processes.ts';
import type { DefineTest, StoreUnderTest } from './conformance/store-under-test.ts';
import { isOneRegisterPerKey, storesValues } from './conformance/values.ts';

export type { StoreUnderTest } from './conformance/store-under-test.ts';

/** Properties that not all stores have. The suite tests those that are `true`. @default all `false` */
export interface StoreCapabilities {
  /** Expiry follows a clock that the test moves, so the suite tests TTLs of any length exactly. */
  readonly passedClock?: boolean;
  /** Several processes can use the same contents. */
  readonly shared?: boolean;
  /** The contents can become unreachable. Then no key may look absent, and no write may be confirmed. */
  readonly outage?: boolean;
  /** The store has `extend`. */
  readonly extend?: boolean;
  /** The store has `leases`. */
  readonly leases?: boolean;
}

export interface StoreConformance {
  /** `describe` of the test runner. */
  readonly describe: (title: string, define: () => void) => unknown;
  /** `it` or `test` of the test runner. */
  readonly it: (title: string, run: () => Promise<void>) => unknown;
  /** Creates an empty store for each test. */
  readonly create: () => StoreUnderTest | Promise<StoreUnderTest>;
  readonly capabilities?: StoreCapabilities;
}

/**
 * Defines tests of the contract of `Store`, for any test runner with `describe` and `it` (mocha, vitest, node:test).
 *
 * Without `passedClock`, a test of expiry reads a key with a TTL of 1 ms until it is absent, for at most 5 seconds.
 *
 * @throws {TypeError} when an option or a capability does not exist, so that a misspelt name does not leave out tests
 *
 * @example
 * import { memoryStore } from '@safelight/stores';
 *
 * describe('my store', () => {
 *   storeConformance({ describe, it, create: () => ({ store: memoryStore() }) });
 * });
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
      extend: booleanValue,
      leases: booleanValue,
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
  describe('stores values', () => storesValues(test));
  describe('is one register per key', () => isOneRegisterPerKey(test));
  describe('lets keys expire', () => letsKeysExpire(test));
  if (capabilities.passedClock) describe('follows the passed clock', () => followsThePassedClock(test));
  if (capabilities.extend) describe('lengthens marks', () => lengthensMarks(test));
  if (capabilities.leases) {
    describe('has leases', () => hasLeases(test));
    describe('writes records if nothing has changed', () => writesIfUnchanged(test));
    describe('writes records for the holder of a lease', () => writesForTheHolder(test));
  }
  if (capabilities.shared) describe('is shared', () => isShared(test));
  if (capabilities.outage) describe('does not hide an outage', () => doesNotHideAnOutage(test));
}
