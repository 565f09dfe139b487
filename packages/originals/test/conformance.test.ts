import assert from 'node:assert/strict';
import { fileOriginals } from '@safelight/originals';
import {
  originalsConformance,
  rememberedCallsConformance,
  unfinishedUploadsConformance,
} from '@safelight/originals/conformance';
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

  describe('with remembered calls', () => {
    rememberedCallsConformance({
      describe,
      it,
      create: async ({ clock }) => {
        const directory = await temporaryDirectory();
        const { calls } = fileOriginals({ directory, clock });
        const { calls: elsewhere } = fileOriginals({ directory, clock });
        assert.ok(calls && elsewhere);
        return { calls, elsewhere };
      },
    });
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
