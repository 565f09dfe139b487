import assert from 'node:assert/strict';
import type { AssetIndex, AssetQuery, OriginalRecord } from '@safelight/core';
import { add, allPages, type IndexCheck, publicIds, record, startMs } from './scene.ts';

const cases: readonly (readonly [AssetQuery, readonly string[]])[] = [
  [{ limit: 9, resourceType: 'raw' }, ['animals/cat']],
  [{ limit: 9, resourceType: 'image', prefix: 'animals/' }, ['animals/cat', 'animals/dog']],
  [{ limit: 9, prefix: 'animals/c' }, ['animals/cat', 'animals/cat']],
  [{ limit: 9, prefix: 'Animals/' }, []],
  [{ limit: 9, tag: 'pet' }, ['animals/cat', 'animals/dog']],
  [{ limit: 9, tag: 'Pet' }, ['zebra']],
  [{ limit: 9, tag: 'pet', prefix: 'animals/d' }, ['animals/dog']],
  [{ limit: 9, context: { key: 'alt' } }, ['animals/cat', 'zebra']],
  [{ limit: 9, context: { key: 'alt', value: 'A cat' } }, ['animals/cat']],
  [{ limit: 9, context: { key: 'alt', value: 'a cat' } }, []],
  [{ limit: 9, assetFolder: 'pets' }, ['animals/dog']],
  [{ limit: 9, assetFolder: '' }, ['animals/cat', 'animals/cat', 'zebra']],
  [{ limit: 9, startAt: startMs + 2 }, ['animals/dog', 'zebra']],
  [
    { limit: 9, startAt: startMs + 2, order: { by: 'createdAt', direction: 'desc' } },
    ['animals/dog', 'animals/cat', 'animals/cat'],
  ],
  [
    { limit: 9, prefix: 'animals/', order: { by: 'createdAt', direction: 'desc' } },
    ['animals/dog', 'animals/cat', 'animals/cat'],
  ],
  [
    { limit: 9, tag: 'pet', startAt: startMs + 2, order: { by: 'publicId', direction: 'desc' } },
    ['animals/dog', 'animals/cat'],
  ],
];

export function indexListConformance(check: IndexCheck): void {
  check('assets are in the order of the code points of their public IDs', async (index) => {
    const names = ['b', 'B', 'a/b', 'a', 'é', 'ｚ', '😀', 'a b', 'ä'];
    await add(index, ...names.map((name) => record(name)), record('b', { resourceType: 'raw' }));
    const expected = ['B', 'a', 'a b', 'a/b', 'b', 'b', 'ä', 'é', 'ｚ', '😀'];
    const { assets } = await index.list({ limit: 500 });
    assert.deepEqual(publicIds(assets), expected);
    assert.deepEqual(
      assets.filter(({ publicId }) => publicId === 'b').map(({ resourceType }) => resourceType),
      ['image', 'raw'],
    );
    assert.deepEqual(await walked(index, { limit: 3 }), expected);
    const desc = { by: 'publicId', direction: 'desc' } as const;
    assert.deepEqual(await walked(index, { limit: 4, order: desc }), expected.toReversed());
  });

  check('assets of the same time are in the order of their public IDs', async (index) => {
    const times = [3, 1, 2, 1, 3];
    await add(index, ...times.map((time, at) => record(`asset-${at}`, { createdAt: startMs + time })));
    const expected = ['asset-1', 'asset-3', 'asset-2', 'asset-0', 'asset-4'];
    assert.deepEqual(await walked(index, { limit: 2, order: { by: 'createdAt', direction: 'asc' } }), expected);
    const desc = { by: 'createdAt', direction: 'desc' } as const;
    assert.deepEqual(await walked(index, { limit: 2, order: desc }), expected.toReversed());
  });

  check('a list has the assets that meet all members of its query', async (index) => {
    await add(index, ...animals());
    for (const [query, expected] of cases) {
      assert.deepEqual(publicIds((await index.list(query)).assets), expected, JSON.stringify(query));
      assert.deepEqual(await walked(index, { ...query, limit: 1 }), expected, JSON.stringify(query));
    }
  });
}

async function walked(index: AssetIndex, query: AssetQuery): Promise<readonly string[]> {
  const pages = await allPages((after) => index.list({ ...query, after }));
  for (const page of pages.slice(0, -1)) assert.equal(page.assets.length, query.limit);
  return publicIds(pages.flatMap(({ assets }) => assets));
}

function animals(): readonly OriginalRecord[] {
  return [
    record('animals/dog', { tags: ['pet', 'dog'], assetFolder: 'pets', createdAt: startMs + 2 }),
    record('animals/cat', { tags: ['pet'], context: { alt: 'A cat' }, createdAt: startMs + 1 }),
    record('animals/cat', { resourceType: 'raw', createdAt: startMs }),
    record('zebra', { tags: ['Pet'], context: { alt: 'A zebra' }, createdAt: startMs + 3 }),
  ];
}
