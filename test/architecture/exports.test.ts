import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, packageNames, root } from './source-files.ts';

/** What each package offers at run time. A change here is a change of the public interface: make it on purpose. */
const doors = JSON.parse(readFileSync(new URL('./doors.json', import.meta.url), 'utf8')) as Record<string, string[]>;

describe('doors', () => {
  const entries = packageNames().flatMap((name) =>
    Object.entries(manifestOf(name).exports)
      .filter(([path]) => path !== './package.json')
      .map(([path, target]) => ({ name, specifier: `@safelight/${name}${path.slice(1)}`, target })),
  );

  it('the list names every entry point', () => {
    assert.deepEqual(entries.map(({ specifier }) => specifier).sort(), Object.keys(doors).sort());
  });

  for (const { name, specifier, target } of entries) {
    it(`${specifier} offers what it says, and its files are there`, async () => {
      assert.ok(typeof target === 'object', `${specifier} must say types and default`);
      for (const file of [target.types, target.default])
        assert.ok(existsSync(join(root, 'packages', name, file)), file);
      const offered = Object.keys((await import(join(root, 'packages', name, target.default))) as object).sort();
      assert.deepEqual(offered, doors[specifier]);
    });
  }
});
