import { checkOptions, choiceValue, functionValue, required } from '@safelight/protocol';
import { boundsConformance, sweptBoundsConformance } from './conformance/bounds.ts';
import { cachedBytesConformance } from './conformance/cached-bytes.ts';
import type {
  DerivativesCheck,
  DerivativesConformanceOptions,
  DerivativesUnderTest,
} from './conformance/derivatives-scene.ts';
import { draftsConformance } from './conformance/drafts.ts';

export interface DerivativesConformance {
  /** Of mocha, node:test or vitest. */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** Creates empty derivatives that store at most `maxBytes`. */
  readonly create: (options: DerivativesConformanceOptions) => Promise<DerivativesUnderTest>;
  /**
   * When derivatives are evicted: the least recently used one before a new one is stored, or the oldest ones at a sweep. For
   * sweeps, `create` also returns `sweep`.
   * @default 'before storing'
   */
  readonly evicts?: 'before storing' | 'at sweeps';
}

/**
 * Defines the tests that each implementation of `Derivatives` must pass.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @example
 * import { memoryDerivatives } from '@safelight/stores';
 *
 * derivativesConformance({
 *   describe,
 *   it,
 *   create: async ({ maxBytes }) => {
 *     const derivatives = memoryDerivatives({ maxBytes });
 *     return { derivatives, elsewhere: derivatives };
 *   },
 * });
 */
export function derivativesConformance(options: DerivativesConformance): void {
  checkOptions<DerivativesConformance>('derivativesConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => ({ derivatives })')),
    evicts: choiceValue(['before storing', 'at sweeps']),
  });
  const { describe, it, create, evicts = 'before storing' } = options;
  const check: DerivativesCheck = (title, body, options) => {
    it(title, async () => body(await create({ maxBytes: 10_000_000, memoryBytes: 1_000_000, ...options })));
  };
  describe('stored bytes', () => cachedBytesConformance(check));
  describe('drafts', () => draftsConformance(check));
  describe('bounds', () => (evicts === 'at sweeps' ? sweptBoundsConformance(check) : boundsConformance(check)));
}
