import assert from 'node:assert/strict';
import type { AssetIndex, OriginalRecord, SearchCondition, SearchQuery } from '@safelight/core';
import { add, allPages, type IndexCheck, publicIds, record, startMs } from './scene.ts';

const sale = record('shop/Summer-sale_2026', {
  displayName: 'Summer sale',
  tags: ['red shoe', 'sale'],
  context: { alt: 'A red shoe', caption: 'On the beach' },
  assetFolder: 'Campaigns/Summer',
  bytes: 2000,
  width: 1920,
  height: 1080,
  createdAt: startMs + 1,
});
const cat = record('animals/cat', {
  format: 'png',
  tags: ['pet', 'Red'],
  context: { alt: 'The cat' },
  metadata: 'colour=red|size=5',
  createdAt: startMs + 2,
});
const {
  width: _width,
  height: _height,
  ...notes
} = record('notes', {
  resourceType: 'raw',
  format: '',
  bytes: 500,
  createdAt: startMs + 3,
});
const assets: readonly OriginalRecord[] = [sale, cat, notes];

type Field = Extract<SearchCondition, { readonly kind: 'exists' }>['field'];
const equals = (field: Field, value: string | number, key?: string): SearchCondition => ({
  kind: 'equals',
  field,
  value,
  ...(key && { key }),
});
const words = (field: Field, value: string, key?: string): SearchCondition => ({
  kind: 'words',
  field,
  value,
  ...(key && { key }),
});
const begins = (field: Field, value: string, key?: string): SearchCondition => ({
  kind: 'begins',
  field,
  value,
  ...(key && { key }),
});
const exists = (field: Field, key?: string): SearchCondition => ({ kind: 'exists', field, ...(key && { key }) });
const anywhere = (value: string, isPrefix = false): SearchCondition => ({ kind: 'anywhere', value, isPrefix });

const found: readonly (readonly [SearchCondition, readonly OriginalRecord[]])[] = [
  [equals('publicId', 'SHOP/summer-sale_2026'), [sale]],
  [equals('publicId', 'sale'), []],
  [words('publicId', 'sale'), [sale]],
  [words('publicId', 'summer sale'), [sale]],
  [words('publicId', 'sale summer'), []],
  [words('publicId', 'shop/summer'), [sale]],
  [begins('publicId', 'shop/'), [sale]],
  [begins('publicId', 'sum'), [sale]],
  [begins('publicId', 'ummer'), []],
  [equals('folder', 'shop'), [sale]],
  [equals('folder', ''), [notes]],
  [equals('filename', 'cat'), [cat]],
  [words('filename', 'shop'), []],
  [begins('filename', 'summer-s'), [sale]],
  [equals('assetFolder', 'campaigns/summer'), [sale]],
  [begins('assetFolder', 'campaigns/'), [sale]],
  [words('displayName', 'SALE'), [sale]],
  [exists('displayName'), [sale]],
  [equals('tags', 'red'), [cat]],
  [words('tags', 'red'), [sale, cat]],
  [words('tags', 'shoe sale'), []],
  [begins('tags', 're'), [sale, cat]],
  [begins('tags', 'red s'), [sale]],
  [exists('tags'), [sale, cat]],
  [equals('context', 'a RED shoe', 'alt'), [sale]],
  [equals('context', 'The cat'), [cat]],
  [words('context', 'shoe', 'alt'), [sale]],
  [words('context', 'shoe', 'caption'), []],
  [words('context', 'the'), [sale, cat]],
  [begins('context', 'bea', 'caption'), [sale]],
  [begins('context', 'on the b', 'caption'), [sale]],
  [exists('context', 'alt'), [sale, cat]],
  [exists('context'), [sale, cat]],
  [exists('context', 'Alt'), []],
  [words('metadata', 'colour red'), [cat]],
  [equals('metadata', 'COLOUR=red|size=5'), [cat]],
  [exists('metadata'), [cat]],
  [equals('format', 'PNG'), [cat]],
  [words('format', 'png'), [cat]],
  [begins('format', 'p'), [cat]],
  [equals('resourceType', 'raw'), [notes]],
  [equals('assetId', cat.assetId), [cat]],
  [equals('etag', cat.etag), [cat]],
  [equals('bytes', 2000), [sale]],
  [equals('aspectRatio', 16 / 9), [sale]],
  [equals('pixels', 5000), [cat]],
  [{ kind: 'range', field: 'width', to: { value: 1920, isInclusive: false } }, [cat]],
  [{ kind: 'range', field: 'width', to: { value: 1920, isInclusive: true } }, [sale, cat]],
  [
    { kind: 'range', field: 'bytes', from: { value: 500, isInclusive: false }, to: { value: 1000, isInclusive: true } },
    [cat],
  ],
  [{ kind: 'range', field: 'createdAt', from: { value: startMs + 2, isInclusive: true } }, [cat, notes]],
  [exists('width'), [sale, cat]],
  [anywhere('red'), [sale, cat]],
  [anywhere('red shoe'), [sale]],
  [anywhere('beach'), [sale]],
  [anywhere('colour'), []],
  [anywhere('ca', true), [cat]],
  [anywhere('--'), []],
  [{ kind: 'not', condition: words('tags', 'red') }, [notes]],
  [{ kind: 'all', conditions: [] }, assets],
  [{ kind: 'any', conditions: [] }, []],
  [{ kind: 'all', conditions: [words('tags', 'red'), { kind: 'not', condition: equals('format', 'png') }] }, [sale]],
  [{ kind: 'any', conditions: [equals('format', 'png'), equals('resourceType', 'raw')] }, [cat, notes]],
];

export function indexSearchConformance(check: IndexCheck): void {
  check('each kind of condition finds the assets that meet it', async (index) => {
    await add(index, ...assets);
    for (const [condition, expected] of found) {
      const page = await index.search({ limit: 9, condition, order: [{ by: 'createdAt', direction: 'asc' }] });
      assert.deepEqual(publicIds(page.assets), publicIds(expected), JSON.stringify(condition));
      assert.equal(page.total, expected.length);
    }
  });

  check('the newest are first, and fields give other orders', async (index) => {
    await add(index, ...assets);
    const orders: readonly (readonly [SearchQuery['order'], readonly OriginalRecord[]])[] = [
      [undefined, [notes, cat, sale]],
      [[], [notes, cat, sale]],
      [[{ by: 'bytes', direction: 'desc' }], [sale, cat, notes]],
      [[{ by: 'publicId', direction: 'asc' }], [cat, notes, sale]],
      [
        [
          { by: 'resourceType', direction: 'asc' },
          { by: 'bytes', direction: 'asc' },
        ],
        [cat, sale, notes],
      ],
      [
        [
          { by: 'resourceType', direction: 'desc' },
          { by: 'bytes', direction: 'desc' },
        ],
        [notes, sale, cat],
      ],
    ];
    for (const [order, expected] of orders) {
      assert.deepEqual(await walked(index, { limit: 1, order }), publicIds(expected), JSON.stringify(order));
    }
    await assert.rejects(index.search({ limit: 1, order: [{ by: 'tags', direction: 'asc' }] }), RangeError);
  });

  check('every page has the number of all matches', async (index) => {
    await add(index, ...Array.from({ length: 7 }, (_, at) => record(`cat-${at}`)), record('dog'));
    const pages = await allPages((after) => index.search({ limit: 3, after, condition: words('publicId', 'cat') }));
    assert.deepEqual(
      pages.map(({ total, assets }) => [total, assets.length]),
      [
        [7, 3],
        [7, 3],
        [7, 1],
      ],
    );
  });
}

async function walked(index: AssetIndex, query: SearchQuery): Promise<readonly string[]> {
  const pages = await allPages((after) => index.search({ ...query, after }));
  return publicIds(pages.flatMap((page) => page.assets));
}
