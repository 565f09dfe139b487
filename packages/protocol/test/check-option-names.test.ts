import assert from 'node:assert/strict';
import { checkOptionNames } from '../src/check-option-names.ts';

interface Options {
  readonly timeoutMs?: number;
  readonly cache?: boolean;
}

const check = (options: unknown) =>
  checkOptionNames('createThing()', options as Options, { timeoutMs: true, cache: true });

describe('checkOptionNames', () => {
  it('takes every option that exists, and none at all', () => {
    check({});
    check({ timeoutMs: 1, cache: undefined });
  });

  it('names the option that was most likely meant, whatever its capitals', () => {
    assert.throws(() => check({ timeOutMs: 1 }), {
      name: 'TypeError',
      message: 'createThing() has no option "timeOutMs". Did you mean timeoutMs?',
    });
    assert.throws(() => check({ cashe: true }), { message: /Did you mean cache\?$/ });
  });

  it('lists the options where no name is near', () => {
    assert.throws(() => check({ retries: 1 }), { message: /Its options are timeoutMs, cache\.$/ });
  });

  it('knows no option that only every object has', () => {
    assert.throws(() => check({ constructor: 1 }), { message: /has no option "constructor"/ });
  });

  it('refuses what is not an object of options', () => {
    for (const wrong of [null, 'fast', 5, [], () => {}]) {
      assert.throws(() => check(wrong), { name: 'TypeError', message: /takes an object of options/ });
    }
  });
});
