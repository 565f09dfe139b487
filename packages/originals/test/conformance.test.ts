import { fileOriginals } from '@safelight/originals';
import { originalsConformance, unfinishedUploadsConformance } from '@safelight/originals/conformance';
import { removeTemporaryDirectories, temporaryDirectory } from './temporary-directory.ts';

describe('fileOriginals', () => {
  afterEach(removeTemporaryDirectories);

  originalsConformance({
    describe,
    it,
    create: async (options) => {
      const directory = await temporaryDirectory();
      return {
        originals: fileOriginals({ directory, ...options }),
        elsewhere: fileOriginals({ directory, ...options }),
      };
    },
  });

  describe('with unfinished uploads', () => {
    unfinishedUploadsConformance({
      describe,
      it,
      create: async () => {
        const directory = await temporaryDirectory();
        return { originals: fileOriginals({ directory }), elsewhere: fileOriginals({ directory }) };
      },
    });
  });
});
