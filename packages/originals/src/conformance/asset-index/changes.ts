import assert from 'node:assert/strict';
import { add, type IndexCheck, publicIds, record, remove } from './scene.ts';

export function indexChangesConformance(check: IndexCheck): void {
  check('an asset is found by its asset ID, with all its members', async (index) => {
    const cat = record('animals/cat', {
      displayName: 'The cat',
      assetFolder: 'pets',
      tags: ['pet', 'Pet'],
      context: { alt: 'A cat', 'alt.de': 'Katze' },
      metadata: 'colour=red',
      originalFilename: 'cat.jpg',
    });
    const raw = record('notes.txt', { resourceType: 'raw', format: '' });
    const { width: _width, height: _height, ...notes } = raw;
    await add(index, cat, notes);
    assert.deepEqual(await index.find(cat.assetId), cat);
    assert.deepEqual(await index.find(notes.assetId), notes);
    assert.equal(await index.find('0'.repeat(32)), undefined);
  });

  check('a change replaces all that was known of the asset', async (index) => {
    const first = record('cat', { tags: ['old'], context: { alt: 'old' }, assetFolder: 'old', metadata: 'old=1' });
    const next = { ...first, version: first.version + 1, tags: ['new'], context: { title: 'new' }, assetFolder: 'new' };
    await add(index, first, next);
    assert.deepEqual(await index.find(first.assetId), next);
    for (const query of [{ tag: 'old' }, { context: { key: 'alt' } }, { assetFolder: 'old' }]) {
      assert.deepEqual((await index.list({ limit: 10, ...query })).assets, []);
    }
    assert.equal(
      (await index.search({ limit: 10, condition: { kind: 'anywhere', value: 'old', isPrefix: true } })).total,
      0,
    );
    assert.equal(
      (await index.search({ limit: 10, condition: { kind: 'anywhere', value: 'new', isPrefix: false } })).total,
      1,
    );
    assert.deepEqual((await index.tags({ resourceType: 'image', limit: 10 })).tags, ['new']);
    assert.deepEqual((await index.folders({ limit: 10 })).folders, ['new']);
  });

  check('a removed asset is not found any more', async (index) => {
    const cat = record('a/cat', { tags: ['pet'], assetFolder: 'pets' });
    await add(index, cat);
    await remove(index, cat);
    await remove(index, record('never'));
    assert.equal(await index.find(cat.assetId), undefined);
    assert.deepEqual((await index.list({ limit: 10 })).assets, []);
    assert.equal((await index.search({ limit: 10 })).total, 0);
    assert.deepEqual((await index.tags({ resourceType: 'image', limit: 10 })).tags, []);
    assert.equal((await index.folders({ limit: 10 })).total, 0);
    assert.deepEqual(await index.usage(), { assets: 0, bytes: 0, derived: 0 });
  });

  check('assets of the same public ID and another type are different assets', async (index) => {
    const [image, video] = [record('cat'), record('cat', { resourceType: 'video' })];
    await add(index, image, video);
    await remove(index, image);
    assert.deepEqual((await index.list({ limit: 10 })).assets, [video]);
  });

  notesConformance(check);
}

function notesConformance(check: IndexCheck): void {
  check('an asset is unfinished from the beginning of its change to the end', async (index) => {
    const [cat, dog] = [record('cat'), record('dog')];
    await index.begin(cat);
    await index.begin(dog);
    await index.begin(dog);
    assert.deepEqual(publicIds((await index.unfinished()) as never).toSorted(), ['cat', 'dog']);
    await index.end(dog, dog);
    assert.deepEqual(await index.unfinished(), [{ resourceType: 'image', publicId: 'cat' }]);
    await index.end(cat, undefined);
    assert.deepEqual(await index.unfinished(), []);
  });

  check('the use is that of the current versions', async (index) => {
    const cat = record('cat', { bytes: 10 });
    await add(index, cat, record('dog', { bytes: 7 }), { ...cat, bytes: 5, version: cat.version + 1 });
    assert.deepEqual(await index.usage(), { assets: 2, bytes: 12, derived: 0 });
    assert.equal((await index.state()).assets, 2);
  });

  check('a closed index rejects calls', async (index) => {
    await add(index, record('cat'));
    await index.close();
    await assert.rejects(index.list({ limit: 10 }), /closed/);
    await assert.rejects(index.begin(record('cat')), /closed/);
  });
}
