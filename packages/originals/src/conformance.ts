import { checkOptions, functionValue, required } from '@safelight/protocol';
import { destroyConformance } from './conformance/destroy.ts';
import { factsConformance } from './conformance/facts.ts';
import { limitsConformance } from './conformance/limits.ts';
import { publishAndFindConformance } from './conformance/publish-and-find.ts';
import { publishOnceConformance } from './conformance/publish-once.ts';
import { renameConformance } from './conformance/rename.ts';
import { listConformance, listedVersionsConformance, restoreConformance } from './conformance/restore-and-list.ts';
import { type Check, type ConformanceOptions, type OriginalsUnderTest, startMs } from './conformance/scene.ts';
import { versionsConformance } from './conformance/versions.ts';

export { type AssetIndexConformance, assetIndexConformance } from './asset-index-conformance.ts';
export type { DerivativesConformanceOptions, DerivativesUnderTest } from './conformance/derivatives-scene.ts';
export type { RememberedCallsUnderTest } from './conformance/remembered-calls.ts';
export type { ConformanceOptions, OriginalsUnderTest } from './conformance/scene.ts';
export type { UnfinishedUploadsUnderTest } from './conformance/unfinished-scene.ts';
export { type DerivativesConformance, derivativesConformance } from './derivatives-conformance.ts';
export { type RememberedCallsConformance, rememberedCallsConformance } from './remembered-calls-conformance.ts';
export {
  type UnfinishedUploadsConformance,
  unfinishedUploadsConformance,
} from './unfinished-uploads-conformance.ts';

export interface OriginalsConformance {
  /** Of mocha, node:test or vitest. */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** Creates empty originals with `maxVersions` older versions, which read the time from `clock`. */
  readonly create: (options: ConformanceOptions) => Promise<OriginalsUnderTest>;
}

/**
 * Defines the tests that each implementation of `Originals` must pass.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @example
 * import { fileOriginals } from '@safelight/originals';
 *
 * let count = 0;
 * originalsConformance({
 *   describe,
 *   it,
 *   create: async (options) => {
 *     const directory = `data/test-${(count += 1)}`;
 *     return { originals: fileOriginals({ directory, ...options }), elsewhere: fileOriginals({ directory, ...options }) };
 *   },
 * });
 */
export function originalsConformance(options: OriginalsConformance): void {
  checkOptions<OriginalsConformance>('originalsConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => ({ originals })')),
  });
  const { describe, it, create } = options;
  const check: Check = (title, body, maxVersions = 3) => {
    it(title, async () => {
      const time = { nowMs: startMs };
      const underTest = await create({ maxVersions, clock: () => time.nowMs });
      await body({ ...underTest, time });
    });
  };
  describe('publish and find', () => publishAndFindConformance(check));
  describe('publish once', () => publishOnceConformance(check));
  describe('versions', () => {
    versionsConformance(check);
    listedVersionsConformance(check);
  });
  describe('facts', () => factsConformance(check));
  describe('restore', () => restoreConformance(check));
  describe('list', () => listConformance(check));
  describe('destroy', () => destroyConformance(check));
  describe('rename', () => renameConformance(check));
  describe('limits', () => limitsConformance(check));
}
