import assert from 'node:assert/strict';
import { fileDerivatives, fileOriginals } from '@safelight/originals';
import { derivativesConformance, originalsConformance } from '@safelight/originals/conformance';

/** As code without types would call them. */
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
    () => untyped(fileOriginals)({ directory, keepVersion: 1 }),
    'fileOriginals() has no option "keepVersion". Did you mean keepVersions?',
  ],
  [
    'fileOriginals() without a directory',
    () => untyped(fileOriginals)({}),
    'fileOriginals: directory must be the path of a folder, for example "data/originals".',
  ],
  [
    'fileOriginals() with the time for a clock',
    () => untyped(fileOriginals)({ directory, clock: 5 }),
    'fileOriginals() takes a function as clock, not number.',
  ],
  [
    'fileDerivatives() with a misspelt option',
    () => untyped(fileDerivatives)({ directory, maxbytes: 1e9 }),
    'fileDerivatives() has no option "maxbytes". Did you mean maxBytes?',
  ],
  [
    'fileDerivatives() with a negative size',
    () => untyped(fileDerivatives)({ directory, maxBytes: -1 }),
    'fileDerivatives: maxBytes must be a whole number of bytes from 4096 upwards, not -1.',
  ],
  [
    'fileDerivatives() with text for a listener',
    () => untyped(fileDerivatives)({ directory, onError: 'log' }),
    'fileDerivatives() takes a function as onError, not string.',
  ],
  [
    'originalsConformance() with a misspelt option',
    () => untyped(originalsConformance)({ ...suite, creates: () => undefined }),
    'originalsConformance() has no option "creates". Did you mean create?',
  ],
  [
    'derivativesConformance() without what creates derivatives',
    () => untyped(derivativesConformance)(suite),
    'derivativesConformance() takes a function as create, not undefined.',
  ],
];

describe('a mistake in the options of originals and derivatives is answered at creation:', () => {
  for (const [what, create, message] of mistakes) {
    it(what, () => assert.throws(create, { name: 'TypeError', message }));
  }

  it('and options that are undefined count as absent', () => {
    const none = undefined as never;
    fileOriginals({ directory, keepVersions: none, clock: none });
    fileDerivatives({ directory, maxBytes: none, hotBytes: none, maxHotEntryBytes: none, clock: none, onError: none });
  });
});
