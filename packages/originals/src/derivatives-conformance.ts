import { checkOptions, functionValue, required } from '@safelight/protocol';
import { boundsConformance } from './conformance/bounds.ts';
import { cachedBytesConformance } from './conformance/cached-bytes.ts';
import type {
  DerivativesCheck,
  DerivativesConformanceOptions,
  DerivativesUnderTest,
} from './conformance/derivatives-scene.ts';
import { draftsConformance } from './conformance/drafts.ts';

export interface DerivativesConformance {
  /** Of mocha, node:test, vitest … */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** New, empty derivatives that keep at most `maxBytes`. */
  readonly create: (options: DerivativesConformanceOptions) => Promise<DerivativesUnderTest>;
}

/** The behaviour that every implementation of `Derivatives` must have, as a suite of tests. */
export function derivativesConformance(options: DerivativesConformance): void {
  checkOptions<DerivativesConformance>('derivativesConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => ({ derivatives })')),
  });
  const { describe, it, create } = options;
  const check: DerivativesCheck = (title, body, options) => {
    it(title, async () => body(await create({ maxBytes: 10_000_000, memoryBytes: 1_000_000, ...options })));
  };
  describe('kept bytes', () => cachedBytesConformance(check));
  describe('drafts', () => draftsConformance(check));
  describe('bounds', () => boundsConformance(check));
}
