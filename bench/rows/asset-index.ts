import { join } from 'node:path';
import type { AssetIndex } from '@safelight/core';
import { sqliteAssetIndex } from '@safelight/originals';
import { manyAssets } from '../many-assets.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const assets = 100_000;
const pages = 400;

/** How long a page of a list and of a search takes, without a page that was found before. */
export async function assetIndex(scene: Scene): Promise<readonly Row[]> {
  const index = sqliteAssetIndex({ file: join(await scene.temporaryDirectory(), 'index.db') });
  try {
    await index.rebuild(manyAssets(assets));
    return [
      await rowOf('page of 50 of a list of 100,000 assets, 99th percentile', (at) => listPage(index, at)),
      await rowOf('page of 50 of a search in 100,000 assets, 99th percentile', (at) => searchPage(index, at)),
    ];
  } finally {
    await index.close();
  }
}

async function rowOf(what: string, read: (at: number) => Promise<unknown>): Promise<Row> {
  const times: number[] = [];
  for (let at = 0; at < pages; at += 1) {
    const startedAt = performance.now();
    await read(at);
    times.push(performance.now() - startedAt);
  }
  const slowest = times.toSorted((one, other) => one - other)[Math.floor(pages * 0.99)] ?? 0;
  return { what, other: '', safelight: `${slowest.toFixed(1)} ms`, reached: slowest.toFixed(0), aim: '≤ 50' };
}

/** Lists by name, by time and by tag, each at another place. */
async function listPage(index: AssetIndex, at: number): Promise<void> {
  const resourceType = 'image';
  if (at % 3 === 0) await index.list({ limit: 50, resourceType, prefix: `products/shoes/img_${at}` });
  else if (at % 3 === 1) await index.list({ limit: 50, resourceType, tag: `tag-${at}` });
  else {
    const order = { by: 'createdAt', direction: 'desc' } as const;
    await index.list({ limit: 50, order, startAt: 1_700_000_000_000 + at * 200_000 });
  }
}

/** Half of the searches find a few assets, and half of them find many. */
async function searchPage(index: AssetIndex, at: number): Promise<void> {
  const bytes = { kind: 'range', field: 'bytes', from: { value: at * 1000, isInclusive: true } } as const;
  const tag = { kind: 'equals', field: 'tags', value: `tag-${at}` } as const;
  const word = { kind: 'anywhere', value: `${at % 100}`, isPrefix: true } as const;
  const condition = at % 2 === 0 ? bytes : { kind: 'any' as const, conditions: [tag, word] };
  await index.search({ limit: 50, condition });
}
