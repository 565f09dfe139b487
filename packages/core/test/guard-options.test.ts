import assert from 'node:assert/strict';
import { createGuard } from '@safelight/core';
import { memoryStore } from '@safelight/stores';

const store = memoryStore();

describe('createGuard throws at creation for options that cannot work', () => {
  const wrong: readonly (readonly [options: unknown, message: string])[] = [
    [undefined, 'createGuard() takes an object of options, not undefined.'],
    [{}, 'createGuard(): store is undefined; it must be a Store, such as memoryStore() of @safelight/stores.'],
    [{ store, timeOutMs: 5 }, 'createGuard() has no option "timeOutMs". Did you mean timeoutMs?'],
    [
      { store, localFallback: {} },
      'createGuard(): localFallback is an object without getMany(), set(), delete(); it must be a Store, such as memoryStore() of @safelight/stores.',
    ],
    [{ store, clock: 0 }, 'createGuard(): clock is 0; it must be a function, such as Date.now.'],
    [
      { store, backoff: { permanent: { maxMS: 1 } } },
      'createGuard(): backoff.permanent has no option "maxMS". Did you mean maxMs?',
    ],
    [
      { store, backoff: { transient: 1000 } },
      'createGuard(): backoff.transient is 1000; it must be an object with firstMs and maxMs.',
    ],
    [
      { store, timeoutMs: '5' },
      'createGuard(): timeoutMs is a string; it must be a finite number of milliseconds from 1 to 2147483647.',
    ],
    [{ store, maxWaiters: 0 }, 'createGuard(): maxWaiters is 0; it must be a finite number, at least 1.'],
    [
      { store, backoff: { permanent: { firstMs: undefined, maxMs: 1000 } } },
      'backoff.permanent.firstMs (60000) is longer than backoff.permanent.maxMs (1000). Lower firstMs or raise maxMs.',
    ],
    [
      { store, backoff: { permanent: { maxMs: 0.5 } } },
      'createGuard(): backoff.permanent.maxMs is 0.5; it must be a finite number, at least 1.',
    ],
  ];
  for (const [options, message] of wrong) {
    it(message, () => {
      assert.throws(() => createGuard(options as never), { message });
    });
  }
});
