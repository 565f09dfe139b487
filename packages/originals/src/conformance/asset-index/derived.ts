import assert from 'node:assert/strict';
import type { AssetId, DerivedEntry } from '@safelight/core';
import { add, allPages, type IndexCheck, record, remove } from './scene.ts';

const [cat, dog] = [record('cat'), record('dog')];

function entry(
  id: number,
  asset: AssetId & { readonly version: number },
  more: Partial<DerivedEntry> = {},
): DerivedEntry {
  const { resourceType, publicId, version } = asset;
  const name = { resourceType, publicId };
  return {
    id: String(id).padStart(32, '0'),
    asset: name,
    version,
    transformation: 'w_100',
    format: 'jpg',
    bytes: 5,
    ...more,
  };
}

export function indexDerivedConformance(check: IndexCheck): void {
  check('derivatives are listed by asset, by transformation, and all', async (index) => {
    await add(index, cat, dog);
    const entries = [entry(1, cat), entry(2, cat, { transformation: 'w_200' }), entry(3, dog)];
    await index.addDerived(entries);
    await index.addDerived([entry(9, record('unknown'))]);
    const ids = async (query: object) => {
      const pages = await allPages((after) => index.derived({ limit: 1, ...query, after }));
      return pages.flatMap((page) => page.entries).map(({ id }) => Number(id));
    };
    assert.deepEqual(await ids({}), [1, 2, 3]);
    assert.deepEqual(await ids({ asset: { resourceType: 'image', publicId: 'cat' } }), [1, 2]);
    assert.deepEqual(await ids({ transformation: 'w_100' }), [1, 3]);
    assert.deepEqual(await ids({ asset: { resourceType: 'image', publicId: 'cat' }, transformation: 'w_200' }), [2]);
    assert.deepEqual((await index.derived({ limit: 9 })).entries, entries);
    assert.equal((await index.usage()).derived, 3);
  });

  check('the same ID replaces its entry', async (index) => {
    await add(index, cat);
    await index.addDerived([entry(1, cat), entry(1, cat, { bytes: 6 })]);
    assert.deepEqual((await index.derived({ limit: 9 })).entries, [entry(1, cat, { bytes: 6 })]);
    assert.equal((await index.usage()).derived, 1);
  });

  check('derivatives are forgotten with their version, their asset, or by a call', async (index) => {
    await add(index, cat, dog);
    await index.addDerived([entry(1, cat), entry(2, dog), entry(3, dog)]);
    const next = { ...cat, version: cat.version + 1 };
    await add(index, next);
    // It was stored late, and is that of the earlier version.
    await index.addDerived([entry(4, cat), entry(5, next)]);
    assert.deepEqual(
      (await index.derived({ limit: 9 })).entries.map(({ id }) => Number(id)),
      [2, 3, 5],
    );
    assert.deepEqual(await index.removeDerived([entry(2, dog).id, 'f'.repeat(32)]), [entry(2, dog)]);
    await index.removeDerivedOf(dog);
    assert.equal((await index.usage()).derived, 1);
    await remove(index, next);
    assert.deepEqual((await index.derived({ limit: 9 })).entries, []);
    assert.equal((await index.usage()).derived, 0);
  });
}
