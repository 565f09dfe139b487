import assert from 'node:assert/strict';
import { join } from 'node:path';
import type {
  AssetIndex,
  AssetQuery,
  OriginalRecord,
  SearchCondition,
  SearchField,
  SearchQuery,
} from '@safelight/core';
import { sqliteAssetIndex } from '@safelight/originals';
import fc from 'fast-check';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';
import { modelList, modelSearch, orderValue } from './index-model.ts';

const runs = process.env['SAFELIGHT_LONG'] === '1' ? 100 : 8;
const resourceTypes = ['image', 'video', 'raw'] as const;
/** Few texts, so that values are often equal, begin alike or differ in their case. */
const text = fc
  .array(fc.constantFrom('a', 'A', 'b', 'é', '文', '😀', ' ', '/', '-', '@', '[', '7', 'ab', 'cat'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const publicId = text.map(
  (value) =>
    value
      .replace(/\/+/g, '/')
      .replace(/^\/|\/$/g, '')
      .trim() || 'x',
);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const asset = fc.record({ resourceType: fc.constantFrom(...resourceTypes), publicId });
const state = fc.record(
  {
    bytes: fc.nat(5),
    createdAt: fc.nat(5),
    width: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 3 }),
    format: fc.constantFrom('jpg', 'png', ''),
    displayName: text,
    assetFolder: publicId,
    tags: fc.array(text, { maxLength: 3 }),
    context: fc.dictionary(fc.constantFrom('alt', 'Alt', 'a b', 'é'), text),
    metadata: text,
  },
  { requiredKeys: ['bytes', 'createdAt', 'format'] },
);
type Change = readonly [
  { readonly resourceType: (typeof resourceTypes)[number]; readonly publicId: string },
  Partial<OriginalRecord> | undefined,
];
const changes: fc.Arbitrary<readonly Change[]> = fc.array(fc.tuple(asset, optional(state)), { maxLength: 25 });

const order = fc.record({ by: fc.constantFrom('publicId', 'createdAt'), direction: fc.constantFrom('asc', 'desc') });
const listQuery: fc.Arbitrary<AssetQuery> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 5 }),
    resourceType: fc.constantFrom(...resourceTypes),
    prefix: fc.constantFrom('a', 'A', '@', 'cat', '文', '😀', 'a/'),
    tag: text,
    context: fc.record({ key: fc.constantFrom('alt', 'Alt'), value: text }, { requiredKeys: ['key'] }),
    assetFolder: fc.oneof(fc.constant(''), publicId),
    startAt: fc.nat(5),
    order,
  },
  { requiredKeys: ['limit'] },
) as fc.Arbitrary<AssetQuery>;

const textFields = [
  'publicId',
  'folder',
  'filename',
  'assetFolder',
  'displayName',
  'tags',
  'context',
  'metadata',
] as const;
const numberFields = ['createdAt', 'bytes', 'width', 'height', 'pixels', 'aspectRatio'] as const;
const orderFields: readonly SearchField[] = [
  ...numberFields,
  'publicId',
  'folder',
  'filename',
  'displayName',
  'format',
];
const bound = fc.record({ value: fc.nat(4), isInclusive: fc.boolean() });
const valueCondition = fc
  .record({
    kind: fc.constantFrom('equals', 'words', 'begins', 'exists'),
    field: fc.constantFrom(...textFields, 'format', 'resourceType'),
    key: optional(fc.constantFrom('alt', 'Alt', 'a b', 'é')),
    value: fc.oneof(text, fc.constantFrom('jpg', 'image', 'p')),
  })
  .map(({ key, ...condition }) =>
    condition.field === 'context' && key !== undefined ? { ...condition, key } : condition,
  );
const { condition } = fc.letrec<{ condition: SearchCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    valueCondition as fc.Arbitrary<SearchCondition>,
    fc.record(
      { kind: fc.constant('range'), field: fc.constantFrom(...numberFields), from: bound, to: bound },
      { requiredKeys: ['kind', 'field'] },
    ),
    fc.record({ kind: fc.constant('equals'), field: fc.constantFrom(...numberFields), value: fc.nat(4) }),
    fc.record({ kind: fc.constant('anywhere'), value: text, isPrefix: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('all', 'any'), conditions: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('not'), condition: tie('condition') }),
  ) as fc.Arbitrary<SearchCondition>,
}));
const searchQuery: fc.Arbitrary<SearchQuery> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 5 }),
    condition,
    order: fc.array(fc.record({ by: fc.constantFrom(...orderFields), direction: fc.constantFrom('asc', 'desc') }), {
      maxLength: 2,
    }),
  },
  { requiredKeys: ['limit'] },
) as fc.Arbitrary<SearchQuery>;

describe('an index after random changes', function () {
  this.timeout(runs * 4000);
  after(removeTemporaryDirectories);

  it(`finds what the records say, in lists, searches, tags and folders (${runs} times)`, async () => {
    const directory = await directoryInMemory();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        changes,
        fc.array(listQuery, { minLength: 10, maxLength: 10 }),
        fc.array(searchQuery, { minLength: 25, maxLength: 25 }),
        async (made, lists, searches) => {
          count += 1;
          const index = sqliteAssetIndex({ file: join(directory, `index-${count}.db`) });
          try {
            const records = await make(index, made);
            for (const query of lists) await checkList(index, records, query);
            for (const query of searches) await checkSearch(index, records, query);
            await checkTags(index, records);
            await checkFolders(index, records);
          } finally {
            await index.close();
          }
        },
      ),
      { numRuns: runs },
    );
  });
});

async function make(index: AssetIndex, made: readonly Change[]): Promise<readonly OriginalRecord[]> {
  const records = new Map<string, OriginalRecord>();
  for (const [at, [asset, facts]] of made.entries()) {
    const name = `${asset.resourceType}/${asset.publicId}`;
    const id = at.toString(16).padStart(32, '0');
    const record = { ...asset, version: at + 1, assetId: id, versionId: id, etag: id, ...facts } as OriginalRecord;
    await index.end(asset, facts && record);
    if (facts === undefined) records.delete(name);
    else records.set(name, record);
  }
  return [...records.values()];
}

async function checkList(index: AssetIndex, records: readonly OriginalRecord[], query: AssetQuery): Promise<void> {
  const found: OriginalRecord[] = [];
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await index.list({ ...query, after });
    found.push(...page.assets);
    after = page.next;
  }
  assert.deepEqual(found.map(nameOf), modelList(records, query).map(nameOf), JSON.stringify(query));
}

async function checkSearch(index: AssetIndex, records: readonly OriginalRecord[], query: SearchQuery): Promise<void> {
  const expected = modelSearch(records, query);
  const found: OriginalRecord[] = [];
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await index.search({ ...query, after });
    assert.equal(page.total, expected.length, JSON.stringify(query));
    found.push(...page.assets);
    after = page.next;
  }
  assert.deepEqual(found.map(nameOf).toSorted(), expected.map(nameOf).toSorted(), JSON.stringify(query));
  for (const [at, one] of found.entries()) {
    const next = found[at + 1];
    if (next !== undefined) assert.ok(compared(one, next, query) <= 0, JSON.stringify(query));
  }
}

function compared(one: OriginalRecord, other: OriginalRecord, { order = [] }: SearchQuery): number {
  const keys = order.length === 0 ? [{ by: 'createdAt', direction: 'desc' } as const] : order;
  for (const { by, direction } of keys) {
    const [left, right] = [orderValue(one, by), orderValue(other, by)];
    const sign =
      typeof left === 'number' ? left - Number(right) : Buffer.compare(Buffer.from(left), Buffer.from(String(right)));
    if (sign !== 0) return direction === 'desc' ? -sign : sign;
  }
  return 0;
}

async function checkTags(index: AssetIndex, records: readonly OriginalRecord[]): Promise<void> {
  for (const resourceType of resourceTypes) {
    const tags = records.filter((one) => one.resourceType === resourceType).flatMap((one) => one.tags ?? []);
    assert.deepEqual((await index.tags({ resourceType, limit: 500 })).tags, sortedNames(tags));
  }
}

async function checkFolders(index: AssetIndex, records: readonly OriginalRecord[]): Promise<void> {
  const paths = records.flatMap(({ publicId, assetFolder = '' }) => [
    ...parents(publicId.slice(0, Math.max(publicId.lastIndexOf('/'), 0))),
    ...parents(assetFolder),
  ]);
  const { folders, total } = await index.folders({ limit: 500 });
  assert.deepEqual(folders, sortedNames(paths));
  assert.equal(total, folders.length);
}

function parents(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/');
  return parts.map((_part, at) => parts.slice(0, at + 1).join('/'));
}

function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
}

function nameOf({ resourceType, publicId }: OriginalRecord): string {
  return `${resourceType}/${publicId}`;
}
