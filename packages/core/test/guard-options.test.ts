import assert from 'node:assert/strict';
import { createGuard } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

const store = memoryStore();

describe('createGuard refuses at creation what cannot work', () => {
  const wrong: readonly (readonly [options: unknown, message: string])[] = [
    [undefined, 'createGuard() takes an object of options, not undefined.'],
    [{}, 'createGuard(): store is undefined; it must be a Store, such as memoryStore() of @safelight/stores.'],
    [{ store, timeOutMs: 5 }, 'createGuard() has no option "timeOutMs". Did you mean timeoutMs?'],
    [
      { store, island: {} },
      'createGuard(): island is an object without getMany(), set(), delete(); it must be a Store, such as memoryStore() of @safelight/stores.',
    ],
    [{ store, clock: 0 }, 'createGuard(): clock is 0; it must be a function, such as Date.now.'],
    [{ store, lasting: { capMS: 1 } }, 'createGuard(): lasting has no option "capMS". Did you mean capMs?'],
    [{ store, passing: 1000 }, 'createGuard(): passing is 1000; it must be an object with firstMs and capMs.'],
    [
      { store, timeoutMs: '5' },
      'createGuard(): timeoutMs is a string; it must be a finite number of milliseconds from 1 to 2147483647.',
    ],
    [{ store, maxWaiters: 0 }, 'createGuard(): maxWaiters is 0; it must be a finite number, at least 1.'],
    [
      { store, lasting: { firstMs: undefined, capMs: 1000 } },
      'lasting.firstMs (60000) is longer than lasting.capMs (1000); swap them.',
    ],
    [
      { store, lasting: { capMs: 0.5 } },
      'createGuard(): lasting.capMs is 0.5; it must be a finite number, at least 1.',
    ],
  ];
  for (const [options, message] of wrong) {
    it(message, () => {
      assert.throws(() => createGuard(options as never), { message });
    });
  }
});
