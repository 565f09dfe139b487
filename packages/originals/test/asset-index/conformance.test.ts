import { join } from 'node:path';
import { sqliteAssetIndex } from '@safelight/originals';
import { assetIndexConformance } from '@safelight/originals/conformance';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';

describe('sqliteAssetIndex', () => {
  afterEach(removeTemporaryDirectories);

  assetIndexConformance({
    describe,
    it,
    create: async () => sqliteAssetIndex({ file: join(await directoryInMemory(), 'index.db') }),
  });
});
