import assert from 'node:assert/strict';
import { fileDerivatives, fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { derivativesConformance, originalsConformance } from '@safelight/originals/conformance';

/** A call of code without types. */
type Untyped = (...args: readonly unknown[]) => unknown;
const untyped = (create: unknown) => create as Untyped;
const directory = 'data/never-created';
const suite = { describe: () => undefined, it: () => undefined };

const mistakes: readonly (readonly [what: string, create: () => unknown, message: string])[] = [
  [
    'fileOriginals() without options',
    () => untyped(fileOriginals)(),
    'fileOriginals() takes an object of options, not undefined.',
  ],
  [
    'fileOriginals() with the directory itself',
    () => untyped(fileOriginals)(directory),
    'fileOriginals() takes an object of options, not string.',
  ],
  [
    'fileOriginals() with a misspelt option',
    () => untyped(fileOriginals)({ directory, maxVersion: 1 }),
    'fileOriginals() has no option "maxVersion". Did you mean maxVersions?',
  ],
  [
    'fileOriginals() without a directory',
    () => untyped(fileOriginals)({}),
    "fileOriginals(): directory is undefined; it must be the path of a folder, such as 'data/originals'.",
  ],
  [
    'fileOriginals() with the time for a clock',
    () => untyped(fileOriginals)({ directory, clock: 5 }),
    'fileOriginals(): clock is 5; it must be a function, such as Date.now.',
  ],
  [
    'fileOriginals() with a fraction of versions',
    () => untyped(fileOriginals)({ directory, maxVersions: 0.5 }),
    'fileOriginals(): maxVersions is 0.5; it must be a whole number, at least 0.',
  ],
  [
    'fileDerivatives() with a misspelt option',
    () => untyped(fileDerivatives)({ directory, maxbytes: 1e9 }),
    'fileDerivatives() has no option "maxbytes". Did you mean maxBytes?',
  ],
  [
    'fileDerivatives() with a negative size',
    () => untyped(fileDerivatives)({ directory, maxBytes: -1 }),
    'fileDerivatives(): maxBytes is -1; it must be a whole number of bytes, at least 4096.',
  ],
  [
    'fileDerivatives() with text for a listener',
    () => untyped(fileDerivatives)({ directory, onError: 'log' }),
    'fileDerivatives(): onError is a string; it must be a function, such as console.error.',
  ],
  [
    'sqliteAssetIndex() with a misspelt option',
    () => untyped(sqliteAssetIndex)({ path: 'index.db' }),
    'sqliteAssetIndex() has no option "path". Its options are file, maxSearchMs, onError.',
  ],
  [
    'sqliteAssetIndex() without a file',
    () => untyped(sqliteAssetIndex)({}),
    "sqliteAssetIndex(): file is undefined; it must be the path of a file, such as 'data/index.db'.",
  ],
  [
    'sqliteAssetIndex() without time for a search',
    () => untyped(sqliteAssetIndex)({ file: 'index.db', maxSearchMs: 0 }),
    'sqliteAssetIndex(): maxSearchMs is 0; it must be a whole number, at least 1.',
  ],
  [
    'indexedOriginals() without an index',
    () => untyped(indexedOriginals)(fileOriginals({ directory })),
    'indexedOriginals(): the second argument is undefined; it must be an AssetIndex, such as sqliteAssetIndex().',
  ],
  [
    'originalsConformance() with a misspelt option',
    () => untyped(originalsConformance)({ ...suite, creates: () => undefined }),
    'originalsConformance() has no option "creates". Did you mean create?',
  ],
  [
    'derivativesConformance() without create',
    () => untyped(derivativesConformance)(suite),
    'derivativesConformance(): create is undefined; it must be a function, such as async () => ({ derivatives }).',
  ],
];

describe('a mistake in the options of originals and derivatives throws at creation:', () => {
  for (const [what, create, message] of mistakes) {
    it(what, () => assert.throws(create, { message }));
  }

  it('and options that are undefined count as absent', () => {
    const none = undefined as never;
    fileOriginals({ directory, maxVersions: none, clock: none });
    fileDerivatives({ directory, maxBytes: none, hotBytes: none, maxHotEntryBytes: none, clock: none, onError: none });
  });
});
