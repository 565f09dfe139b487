import assert from 'node:assert/strict';
import { fileDerivatives } from '@safelight/originals';
import { derivativesConformance } from '@safelight/originals/conformance';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

describe('fileDerivatives', () => {
  const errors: unknown[] = [];

  afterEach(async () => {
    await removeTemporaryDirectories();
    const unexpected = errors.splice(0).filter((error) => !/is larger than maxBytes|is no room/.test(String(error)));
    assert.deepEqual(unexpected, []);
  });

  for (const hot of ['in memory as well', 'on disk only']) {
    describe(hot, () => {
      derivativesConformance({
        describe,
        it,
        async create({ maxBytes }) {
          const options = {
            directory: await directoryInMemory(),
            maxBytes,
            maxHotEntryBytes: 65_536,
            ...(hot === 'on disk only' ? { hotBytes: 0 } : {}),
            onError: (error: unknown) => errors.push(error),
          };
          return { derivatives: fileDerivatives(options), elsewhere: fileDerivatives(options) };
        },
      });
    });
  }
});
