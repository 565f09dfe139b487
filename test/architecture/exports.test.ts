import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, packageNames, root } from './source-files.ts';

/** The values that each entry exports. A change of the list is a change of the public API: make it on purpose. */
const listed = JSON.parse(readFileSync(new URL('./exports.json', import.meta.url), 'utf8')) as Record<string, string[]>;

describe('the exports of the packages', () => {
  const entries = packageNames().flatMap((name) =>
    Object.entries(manifestOf(name).exports)
      .filter(([path]) => path !== './package.json')
      .map(([path, target]) => ({ name, specifier: `@safelight/${name}${path.slice(1)}`, target })),
  );

  it('the list has every entry', () => {
    assert.deepEqual(entries.map(({ specifier }) => specifier).sort(), Object.keys(listed).sort());
  });

  for (const { name, specifier, target } of entries) {
    it(`${specifier} exports the listed names, and its files exist`, async () => {
      assert.ok(typeof target === 'object', `${specifier} must have "types" and "default"`);
      for (const file of [target.types.require, target.types.default, target.default])
        assert.ok(existsSync(join(root, 'packages', name, file)), file);
      const exported = Object.keys((await import(join(root, 'packages', name, target.default))) as object).sort();
      assert.deepEqual(exported, listed[specifier]);
    });
  }
});
