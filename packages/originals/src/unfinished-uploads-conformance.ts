import { checkOptions, functionValue, required } from '@safelight/protocol';
import { sceneOf, type UnfinishedCheck, type UnfinishedUploadsUnderTest } from './conformance/unfinished-scene.ts';
import {
  outcomesConformance,
  storedPartsConformance,
  usedByProcessesConformance,
  usesConformance,
} from './conformance/unfinished-uploads.ts';

export interface UnfinishedUploadsConformance {
  /** Of mocha, node:test or vitest. */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** Creates empty originals that store unfinished uploads. */
  readonly create: () => Promise<UnfinishedUploadsUnderTest>;
}

/**
 * Defines the tests that each implementation of `UnfinishedUploads` must pass.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @example
 * import { fileOriginals } from '@safelight/originals';
 *
 * let count = 0;
 * unfinishedUploadsConformance({
 *   describe,
 *   it,
 *   create: async () => {
 *     const directory = `data/test-${(count += 1)}`;
 *     return { originals: fileOriginals({ directory }), elsewhere: fileOriginals({ directory }) };
 *   },
 * });
 */
export function unfinishedUploadsConformance(options: UnfinishedUploadsConformance): void {
  checkOptions<UnfinishedUploadsConformance>('unfinishedUploadsConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => ({ originals, elsewhere })')),
  });
  const { describe, it, create } = options;
  const check: UnfinishedCheck = (title, body) => {
    it(title, async () => body(sceneOf(await create())));
  };
  describe('stored parts', () => storedPartsConformance(check));
  describe('uses', () => usesConformance(check));
  describe('uploads in use', () => usedByProcessesConformance(check));
  describe('outcomes', () => outcomesConformance(check));
}
