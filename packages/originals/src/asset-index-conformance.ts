import type { AssetIndex } from '@safelight/core';
import { checkOptions, functionValue, required } from '@safelight/protocol';
import { indexChangesConformance } from './conformance/asset-index/changes.ts';
import { indexCursorsConformance } from './conformance/asset-index/cursors.ts';
import { indexDerivedConformance } from './conformance/asset-index/derived.ts';
import { indexFoldersConformance } from './conformance/asset-index/folders.ts';
import { indexListConformance } from './conformance/asset-index/list.ts';
import { indexRebuildConformance } from './conformance/asset-index/rebuild.ts';
import type { IndexCheck } from './conformance/asset-index/scene.ts';
import { indexSearchConformance } from './conformance/asset-index/search.ts';

export interface AssetIndexConformance {
  /** Of mocha, node:test or vitest. */
  readonly describe: (title: string, body: () => void) => void;
  readonly it: (title: string, body: () => Promise<void>) => void;
  /** Creates an empty index. The tests close it. */
  readonly create: () => Promise<AssetIndex>;
}

/**
 * Defines the tests that each implementation of `AssetIndex` must pass.
 *
 * @throws {TypeError} when an option is missing, does not exist, or has a wrong type
 * @example
 * import { sqliteAssetIndex } from '@safelight/originals';
 *
 * let count = 0;
 * assetIndexConformance({
 *   describe,
 *   it,
 *   create: async () => sqliteAssetIndex({ file: `data/test-${(count += 1)}/index.db` }),
 * });
 */
export function assetIndexConformance(options: AssetIndexConformance): void {
  checkOptions<AssetIndexConformance>('assetIndexConformance()', options, {
    describe: required(functionValue('describe of mocha')),
    it: required(functionValue('it of mocha')),
    create: required(functionValue('async () => index')),
  });
  const { describe, it, create } = options;
  const check: IndexCheck = (title, body) => {
    it(title, async () => {
      const index = await create();
      try {
        await body(index);
      } finally {
        await index.close();
      }
    });
  };
  describe('changes', () => indexChangesConformance(check));
  describe('lists', () => indexListConformance(check));
  describe('cursors', () => indexCursorsConformance(check));
  describe('searches', () => indexSearchConformance(check));
  describe('tags and folders', () => indexFoldersConformance(check));
  describe('derivatives', () => indexDerivedConformance(check));
  describe('rebuilds', () => indexRebuildConformance(check));
}
