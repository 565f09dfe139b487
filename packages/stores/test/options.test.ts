import assert from 'node:assert/strict';
import { keyvStore, memoryDerivatives, memoryStore } from '@safelight/stores';
import { chaosStore } from '@safelight/stores/chaos';
import { storeConformance } from '@safelight/stores/conformance';
import Keyv from 'keyv';

/** Calls without types. */
type Untyped = (...args: readonly unknown[]) => unknown;
const untyped = (create: unknown) => create as Untyped;
const suite = { describe: () => undefined, it: () => undefined, create: () => ({ store: memoryStore() }) };

const mistakes: readonly (readonly [what: string, create: () => unknown, message: string])[] = [
  [
    'memoryStore() with a misspelt option',
    () => untyped(memoryStore)({ maxEntrys: 5 }),
    'memoryStore() has no option "maxEntrys". Did you mean maxEntries?',
  ],
  [
    'memoryStore() with a number instead of a clock',
    () => untyped(memoryStore)({ clock: 5 }),
    'memoryStore(): clock is 5; it must be a function, such as Date.now.',
  ],
  [
    'memoryStore() with a number',
    () => untyped(memoryStore)(5),
    'memoryStore() takes an object of options, not number.',
  ],
  [
    'memoryDerivatives() with an option of another factory',
    () => untyped(memoryDerivatives)({ directory: 'data' }),
    'memoryDerivatives() has no option "directory". Its options are maxBytes, maxEntryBytes.',
  ],
  [
    'keyvStore() with a misspelt option',
    () => untyped(keyvStore)(new Keyv(), { keyprefix: 'a:' }),
    'keyvStore() has no option "keyprefix". Did you mean keyPrefix?',
  ],
  [
    'keyvStore() with the prefix instead of the options',
    () => untyped(keyvStore)(new Keyv(), 'a:'),
    'keyvStore() takes an object of options, not string.',
  ],
  [
    'keyvStore() with a number as the prefix',
    () => untyped(keyvStore)(new Keyv(), { keyPrefix: 5 }),
    'keyvStore(): keyPrefix is 5; it must be a string.',
  ],
  [
    'keyvStore() with the adapter instead of the client',
    () => untyped(keyvStore)(new Keyv(), { client: new Map() }),
    'keyvStore(): client is an object without on(), pExpire(); it must be the Redis client of the Keyv, such as createClient() of @keyv/redis.',
  ],
  [
    'keyvStore() without a Keyv',
    () => untyped(keyvStore)(),
    'keyvStore(): the first argument is undefined; it must be a Keyv, such as new Keyv(adapter).',
  ],
  [
    'keyvStore() with a Map',
    () => untyped(keyvStore)(new Map()),
    'keyvStore(): the first argument is an object without getMany(); it must be a Keyv, such as new Keyv(adapter).',
  ],
  [
    'chaosStore() without a store',
    () => untyped(chaosStore)(),
    'chaosStore(): the first argument is undefined; it must be a Store, such as memoryStore().',
  ],
  [
    'storeConformance() with a misspelt capability',
    () => untyped(storeConformance)({ ...suite, capabilities: { outtage: true } }),
    'storeConformance(): capabilities has no option "outtage". Did you mean outage?',
  ],
  [
    'storeConformance() with a store instead of a function',
    () => untyped(storeConformance)({ ...suite, create: memoryStore() }),
    'storeConformance(): create is an object; it must be a function, such as () => ({ store: memoryStore() }).',
  ],
];

describe('a mistake in the options of a store throws at creation:', () => {
  for (const [what, create, message] of mistakes) {
    it(what, () => assert.throws(create, { name: 'TypeError', message }));
  }

  it('but an undefined option counts as absent', () => {
    const none = undefined as never;
    memoryStore({ maxEntries: none, maxMarks: none, maxCachedBytes: none, clock: none });
    memoryDerivatives({ maxBytes: none, maxEntryBytes: none });
    keyvStore(new Keyv(), { keyPrefix: none });
  });
});
