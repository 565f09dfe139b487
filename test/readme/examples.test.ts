import assert from 'node:assert/strict';
import { packageNames } from '../architecture/source-files.ts';
import { compile } from './compile.ts';
import { type PublicFunction, publicFunctions } from './public-functions.ts';

describe('the examples in the comments of public functions', function () {
  this.timeout(120_000);

  let functions: readonly PublicFunction[] = [];
  let errors: readonly string[] = [];

  before(() => {
    functions = publicFunctions();
    errors = compile(functions.flatMap(({ examples }) => examples));
  });

  for (const name of packageNames()) {
    it(`@safelight/${name}: each public function has one, and it compiles`, () => {
      const own = functions.filter(
        ({ entry }) => entry === `@safelight/${name}` || entry.startsWith(`@safelight/${name}/`),
      );
      const without = own
        .filter(({ examples }) => examples.length === 0)
        .map(({ place, name: missing }) => `${place} ${missing}`);
      assert.deepEqual(
        { without, errors: errors.filter((error) => error.startsWith(`packages/${name}/`)) },
        {
          without: [],
          errors: [],
        },
      );
    });
  }

  it('are found', () => {
    assert.ok(functions.length > 100, `${functions.length}`);
  });
});
