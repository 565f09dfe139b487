import type { OriginalRecord } from '@safelight/core';

const folders = ['products/shoes', 'products/dresses', 'people/team', 'news/2026/11', 'x'];
const colours = ['red', 'blue', 'green'];
const startMs = 1_700_000_000_000;

/** Records as those of a shop, in no order. */
export async function* manyAssets(count: number): AsyncGenerator<OriginalRecord> {
  for (let at = 0; at < count; at += 1) yield assetAt(at, count);
}

export function assetAt(at: number, count: number): OriginalRecord {
  const id = at.toString(16).padStart(32, '0');
  // Both factors are primes, so each number occurs once.
  const [name, time] = [(at * 7919) % count, (at * 104_729) % count];
  return {
    resourceType: at % 20 === 0 ? 'raw' : 'image',
    publicId: `${folders[at % 5]}/img_${name}`,
    version: 1000 + at,
    assetId: id,
    versionId: id,
    format: at % 3 === 0 ? 'png' : 'jpg',
    bytes: (at * 31_337) % 5_000_000,
    width: 100 + (at % 4000),
    height: 50 + (at % 3000),
    etag: id,
    createdAt: startMs + time * 1000,
    displayName: `A ${colours[at % 3]} shoe ${at % 100}`,
    assetFolder: folders[(at + 1) % 5] ?? '',
    tags: ['shop', `tag-${at % 1000}`],
    context: { alt: `A dress ${at % 500}` },
  };
}
