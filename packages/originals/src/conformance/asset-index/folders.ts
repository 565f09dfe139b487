import assert from 'node:assert/strict';
import { add, allPages, type IndexCheck, record, remove } from './scene.ts';

export function indexFoldersConformance(check: IndexCheck): void {
  check('the tags of a type are listed once, in the order of code points', async (index) => {
    await add(index, record('a', { tags: ['red', 'Red', 'blue'] }), record('b', { tags: ['red', 'green'] }));
    await add(index, record('c', { resourceType: 'raw', tags: ['other'] }));
    const pages = await allPages((after) => index.tags({ resourceType: 'image', limit: 2, after }));
    assert.deepEqual(
      pages.map(({ tags }) => tags),
      [
        ['Red', 'blue'],
        ['green', 'red'],
      ],
    );
    assert.deepEqual((await index.tags({ resourceType: 'image', prefix: 'r', limit: 9 })).tags, ['red']);
    assert.deepEqual((await index.tags({ resourceType: 'video', limit: 9 })).tags, []);
  });

  check('public IDs and asset folders are one tree of folders', async (index) => {
    await add(index, record('a/b/cat'), record('top', { assetFolder: 'a/c' }), record('d/dog', { assetFolder: 'd' }));
    const below = async (path: string) => (await index.folders({ below: path, limit: 9 })).folders;
    assert.deepEqual(await below(''), ['a', 'd']);
    assert.deepEqual(await below('a'), ['a/b', 'a/c']);
    assert.deepEqual(await below('a/b'), []);
    assert.deepEqual(await below('nowhere'), []);
  });

  check('folders are found by a part of their path, and by the path', async (index) => {
    await add(index, record('Shop/red/x'), record('shop-b/y'), record('other/z'));
    const matching = async (text: string, isExact: boolean) => index.folders({ matches: { text, isExact }, limit: 9 });
    assert.deepEqual(await matching('SHOP', false), { folders: ['Shop', 'Shop/red', 'shop-b'], total: 3 });
    assert.deepEqual(await matching('shop-b', true), { folders: ['shop-b'], total: 1 });
    assert.deepEqual(await matching('shop', true), { folders: [], total: 0 });
    const pages = await allPages((after) => index.folders({ limit: 3, after }));
    assert.deepEqual(
      pages.map(({ folders, total }) => [folders.length, total]),
      [
        [3, 4],
        [1, 4],
      ],
    );
  });

  check('a created folder exists without assets, until it is deleted', async (index) => {
    await index.createFolder('x/y/z');
    await index.createFolder('x/y/z');
    const cat = record('x/y/cat');
    await add(index, cat);
    await remove(index, cat);
    assert.deepEqual((await index.folders({ limit: 9 })).folders, ['x', 'x/y', 'x/y/z']);
    assert.deepEqual(await index.deleteFolder('x/y'), ['x/y', 'x/y/z']);
    assert.deepEqual((await index.folders({ limit: 9 })).folders, ['x']);
    assert.equal(await index.deleteFolder('x/y'), undefined);
  });

  check('a folder with assets is not deleted', async (index) => {
    await add(index, record('a/b/cat'), record('dog', { assetFolder: 'c' }));
    assert.equal(await index.deleteFolder('a'), 'not_empty');
    assert.equal(await index.deleteFolder('c'), 'not_empty');
    assert.equal((await index.folders({ limit: 9 })).total, 3);
  });
}
