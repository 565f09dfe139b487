import assert from 'node:assert/strict';
import { checkOptionNames } from '../src/check-option-names.ts';

interface Options {
  readonly timeoutMs?: number;
  readonly cache?: boolean;
}

const check = (options: unknown) =>
  checkOptionNames('createThing()', options as Options, { timeoutMs: true, cache: true });

describe('checkOptionNames', () => {
  it('accepts every option that exists, and an empty object', () => {
    check({});
    check({ timeoutMs: 1, cache: undefined });
  });

  it('suggests the most similar option, ignoring case', () => {
    assert.throws(() => check({ timeOutMs: 1 }), {
      name: 'TypeError',
      message: 'createThing() has no option "timeOutMs". Did you mean timeoutMs?',
    });
    assert.throws(() => check({ cashe: true }), { message: /Did you mean cache\?$/ });
  });

  it('lists the options when no name is similar', () => {
    assert.throws(() => check({ retries: 1 }), { message: /Its options are timeoutMs, cache\.$/ });
  });

  it('refuses a name that every object inherits', () => {
    assert.throws(() => check({ constructor: 1 }), { message: /has no option "constructor"/ });
  });

  it('refuses a value that is not an object of options', () => {
    for (const wrong of [null, 'fast', 5, [], () => {}]) {
      assert.throws(() => check(wrong), { name: 'TypeError', message: /takes an object of options/ });
    }
  });
});
