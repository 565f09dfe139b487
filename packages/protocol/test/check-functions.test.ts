import assert from 'node:assert/strict';
import { checkFunctions } from '@safelight/protocol';

describe('checkFunctions', () => {
  it('takes functions of every kind', () => {
    checkFunctions('createThing()', { clock: Date.now, make: async () => 1, kind: class {} });
  });

  it('names the first option that is not a function', () => {
    for (const [clock, type] of [
      [5, 'number'],
      [null, 'null'],
      [undefined, 'undefined'],
      [{}, 'object'],
    ] as const) {
      assert.throws(() => checkFunctions('createThing()', { onError: () => {}, clock }), {
        name: 'TypeError',
        message: `createThing() takes a function as clock, not ${type}.`,
      });
    }
  });
});
