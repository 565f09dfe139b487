import assert from 'node:assert/strict';
import type { Original, Originals } from '@safelight/core';

/** Originals that can only be found. A test fails when it uses another function. */
export function originalsThatFind(find: (publicId: string) => object | undefined): Originals {
  const unused = (): never => assert.fail('Not used in this test');
  return {
    find: async ({ publicId }) => find(publicId) as Original | undefined,
    ...{ receive: unused, publish: unused, destroy: unused, rename: unused },
    ...{ changeFacts: unused, versions: unused, restore: unused, list: unused },
  };
}
