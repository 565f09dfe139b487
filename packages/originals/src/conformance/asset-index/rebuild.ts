import assert from 'node:assert/strict';
import type { OriginalRecord } from '@safelight/core';
import { add, type IndexCheck, listed, publicIds, record, remove } from './scene.ts';

export function indexRebuildConformance(check: IndexCheck): void {
  check('an index is new until it was built', async (index) => {
    assert.deepEqual(await index.state(), { phase: 'new', assets: 0 });
    await index.rebuild(listed());
    assert.deepEqual(await index.state(), { phase: 'ready', assets: 0 });
  });

  check('a rebuild writes what exists, in the place of what was known', async (index) => {
    const [cat, dog, cow] = [record('a/cat', { tags: ['x'] }), record('dog'), record('cow', { bytes: 9 })];
    await add(index, cat, dog);
    await index.addDerived([
      { id: '1'.repeat(32), asset: dog, version: dog.version, transformation: '', format: 'jpg', bytes: 1 },
    ]);
    await index.rebuild(listed(dog, cow));
    assert.deepEqual((await index.list({ limit: 9 })).assets, [cow, dog]);
    assert.deepEqual(await index.usage(), { assets: 2, bytes: 1009, derived: 1 });
    assert.equal((await index.folders({ limit: 9 })).total, 0);
    assert.deepEqual((await index.tags({ resourceType: 'image', limit: 9 })).tags, []);
    await index.rebuild(listed(cow));
    assert.deepEqual((await index.list({ limit: 9 })).assets, [cow]);
  });

  check('changes during a rebuild are not undone, and lists are readable', async (index) => {
    const [kept, gone, changed, created] = [record('kept'), record('gone'), record('changed'), record('created')];
    const later = { ...changed, version: changed.version + 1, tags: ['later'] };
    async function* slow(): AsyncGenerator<OriginalRecord> {
      yield kept;
      await add(index, later, created);
      await remove(index, gone);
      assert.equal((await index.state()).phase, 'building');
      assert.deepEqual(publicIds((await index.list({ limit: 9, tag: 'later' })).assets), ['changed']);
      // These were read before the changes.
      yield changed;
      yield gone;
    }
    await index.rebuild(slow());
    assert.deepEqual((await index.list({ limit: 9 })).assets, [later, created, kept]);
    assert.equal((await index.state()).phase, 'ready');
  });

  check('a rebuild that fails leaves an index that must be built', async (index) => {
    async function* broken(): AsyncGenerator<OriginalRecord> {
      yield record('cat');
      throw new Error('the disk is gone');
    }
    await assert.rejects(index.rebuild(broken()), /the disk is gone/);
    assert.equal((await index.state()).phase, 'new');
    await index.rebuild(listed(record('dog')));
    assert.deepEqual(publicIds((await index.list({ limit: 9 })).assets), ['dog']);
  });

  check('a change that had begun before stays unfinished', async (index) => {
    const cat = record('cat');
    await index.begin(cat);
    await index.rebuild(listed(cat));
    assert.deepEqual(publicIds((await index.unfinished()) as never), ['cat']);
  });
}
