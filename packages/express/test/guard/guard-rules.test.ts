import assert from 'node:assert/strict';
import { createSafelight } from '@safelight/express';

const handler = () => {};
const { guard, middleware } = createSafelight();
/** Calls without the types of TypeScript, as from JavaScript. */
const guardAnything = guard as (...args: readonly unknown[]) => unknown;
const middlewareAnything = middleware as (...args: readonly unknown[]) => unknown;

describe('the options of guard() and middleware()', () => {
  for (const option of ['asset', 'derivation', 'isPrivate', 'isMissingOriginal', 'cache'] as const) {
    it(`${option} with a wrong value is refused, with an example of a right one`, () => {
      const refusal = new RegExp(`^TypeError: guard\\(\\): ${option} is 5; it must be .*such as `);
      assert.throws(() => guardAnything(handler, { [option]: 5 }), refusal);
      assert.throws(() => middlewareAnything({ [option]: 5 }), /^TypeError: middleware\(\)/);
    });
  }

  it('cache is true, false or an object of known options', () => {
    for (const cache of [true, false, {}, { silentFreshMs: 60_000, staleIfErrorMs: 0 }]) guard(handler, { cache });
    const near = /guard\(\): cache has no option "silentFresh"\. Did you mean silentFreshMs\?/;
    assert.throws(() => guardAnything(handler, { cache: { silentFresh: 60_000 } }), near);
  });

  it('a handler that is not a function is refused, with the right call', () => {
    assert.throws(
      () => guardAnything({ asset: () => 'cat' }),
      /guard\(\): the handler is an object; .*guard\(handler, options\)/,
    );
  });
});
