import { checkOptions, functionValue, required } from '@safelight/protocol';
import {
  type CallsCheck,
  endsConformance,
  type RememberedCallsUnderTest,
  racesConformance,
  statesConformance,
} from './conformance/remembered-calls.ts';
import { startMs } from './conformance/scene.ts';

export interface RememberedCallsConformance {
  /** Of mocha, node:test or vitest. */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** Creates an empty storage of calls, which reads the time (epoch milliseconds) from `clock`. */
  readonly create: (options: { readonly clock: () => number }) => Promise<RememberedCallsUnderTest>;
}

/**
 * Defines the tests that each implementation of `RememberedCalls` must pass.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @example
 * import assert from 'node:assert/strict';
 * import { fileOriginals } from '@safelight/originals';
 *
 * let count = 0;
 * rememberedCallsConformance({
 *   describe,
 *   it,
 *   create: async ({ clock }) => {
 *     const directory = `data/test-${(count += 1)}`;
 *     const [calls, elsewhere] = [1, 2].map(() => fileOriginals({ directory, clock }).calls);
 *     assert.ok(calls && elsewhere);
 *     return { calls, elsewhere };
 *   },
 * });
 */
export function rememberedCallsConformance(options: RememberedCallsConformance): void {
  checkOptions<RememberedCallsConformance>('rememberedCallsConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => ({ calls, elsewhere })')),
  });
  const { describe, it, create } = options;
  const check: CallsCheck = (title, body) => {
    it(title, async () => {
      const time = { nowMs: startMs };
      await body({ ...(await create({ clock: () => time.nowMs })), time });
    });
  };
  describe('states', () => statesConformance(check));
  describe('races', () => racesConformance(check));
  describe('ends', () => endsConformance(check));
}
