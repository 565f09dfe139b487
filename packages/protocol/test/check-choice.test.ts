import assert from 'node:assert/strict';
import { checkChoice } from '@safelight/protocol';

const check = (mode: unknown) => checkChoice('createThing()', { mode }, ['fast', 'careful']);

describe('checkChoice', () => {
  it('takes every name', () => {
    check('fast');
    check('careful');
  });

  it('names what was most likely meant', () => {
    assert.throws(() => check('carefull'), {
      name: 'TypeError',
      message: 'createThing() does not take "carefull" as mode. Did you mean careful?',
    });
  });

  it('lists the names where none is near', () => {
    for (const wrong of [undefined, null, 5, 'slow', ['fast']]) {
      assert.throws(() => check(wrong), {
        name: 'TypeError',
        message: `createThing() does not take ${JSON.stringify(wrong)} as mode. It takes fast, careful.`,
      });
    }
  });
});
