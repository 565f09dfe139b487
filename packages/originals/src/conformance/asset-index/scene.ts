import type { AssetId, AssetIndex, OriginalRecord } from '@safelight/core';

/** Defines a test that gets an empty index of its own. */
export type IndexCheck = (title: string, body: (index: AssetIndex) => Promise<void>) => void;

export const startMs: number = 1_700_000_000_000;
let count = 0;

/** The record of an image of 100 x 50 pixels, with IDs of its own. */
export function record(publicId: string, more: Partial<OriginalRecord> = {}): OriginalRecord {
  count += 1;
  const id = count.toString(16).padStart(32, '0');
  return {
    resourceType: 'image',
    publicId,
    version: 1_700_000_000,
    assetId: id,
    versionId: id.replace(/^0/, 'f'),
    format: 'jpg',
    bytes: 1000,
    width: 100,
    height: 50,
    etag: id,
    createdAt: startMs,
    ...more,
  };
}

export async function add(index: AssetIndex, ...records: readonly OriginalRecord[]): Promise<void> {
  for (const one of records) {
    await index.begin(one);
    await index.end(one, one);
  }
}

export async function remove(index: AssetIndex, asset: AssetId): Promise<void> {
  await index.begin(asset);
  await index.end(asset, undefined);
}

export interface Page {
  readonly next?: string;
}

/** The pages of a query, until the last one. */
export async function allPages<P extends Page>(read: (after: string | undefined) => Promise<P>): Promise<readonly P[]> {
  const pages: P[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

export function publicIds(records: readonly OriginalRecord[]): readonly string[] {
  return records.map(({ publicId }) => publicId);
}

export async function* listed(...records: readonly OriginalRecord[]): AsyncGenerator<OriginalRecord> {
  yield* records;
}
