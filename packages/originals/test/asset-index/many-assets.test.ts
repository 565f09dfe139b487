import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { AssetIndex, OriginalRecord, SearchCondition } from '@safelight/core';
import { sqliteAssetIndex } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';

const isDeep = process.env['SAFELIGHT_DEEP'] === '1';
const isLong = isDeep || process.env['SAFELIGHT_LONG'] === '1';
const count = isDeep ? 1_000_000 : isLong ? 100_000 : 5000;
/** Beside other tests, the processors are not free. The long version runs alone. */
const maxPageMs = isDeep ? 2000 : isLong ? 50 : 1000;
const maxHoldMs = 50;

function record(at: number): OriginalRecord {
  const id = at.toString(16).padStart(32, '0');
  return {
    resourceType: at % 20 === 0 ? 'raw' : 'image',
    publicId: `folder-${at % 7}/asset-${(at * 7919) % count}`,
    version: 1000,
    assetId: id,
    versionId: id,
    format: 'jpg',
    bytes: (at * 31_337) % 5_000_000,
    width: 100 + (at % 4000),
    height: 100,
    etag: id,
    createdAt: 1_700_000_000_000 + ((at * 104_729) % count),
    tags: ['all', `tag-${at % 1000}`],
    context: { alt: `A red shoe ${at % 100}` },
  };
}

async function* records(): AsyncGenerator<OriginalRecord> {
  for (let at = 0; at < count; at += 1) yield record(at);
}

const wildcard: SearchCondition = { kind: 'anywhere', value: 'a', isPrefix: true };
const bytes = (at: number): SearchCondition => ({
  kind: 'range',
  field: 'bytes',
  from: { value: at * 1000, isInclusive: true },
});

describe(`an index of ${count} assets`, function () {
  this.timeout(isLong ? 1_800_000 : 60_000);
  let index: AssetIndex;
  let loop: ReturnType<typeof watchLoop>;

  before(async () => {
    index = sqliteAssetIndex({ file: join(await directoryInMemory(), 'index.db') });
    loop = watchLoop();
    await index.rebuild(records());
  });
  after(async () => {
    loop.longestMs();
    await index.close();
    await removeTemporaryDirectories();
  });

  it('has all of them on the pages of a list, each once', async () => {
    const seen = new Set<string>();
    let last = '';
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = await index.list({ limit: 500, after });
      for (const { publicId, resourceType } of page.assets) {
        assert.ok(publicId > last || (publicId === last && !seen.has(`${resourceType}/${publicId}`)));
        last = publicId;
        seen.add(`${resourceType}/${publicId}`);
      }
      after = page.next;
    }
    assert.equal(seen.size, count);
  });

  it(`reads a page of a list or a search in ${maxPageMs} ms, 99 times of 100`, async () => {
    const times: number[] = [];
    for (let at = 0; at < 200; at += 1) {
      const startedAt = performance.now();
      if (at % 4 === 0) await index.list({ limit: 50, resourceType: 'image', prefix: `folder-${at % 7}/asset-${at}` });
      else if (at % 4 === 1) await index.list({ limit: 50, tag: `tag-${at}` });
      else if (at % 4 === 2) await index.search({ limit: 50, condition: bytes(at) });
      else await index.search({ limit: 50, condition: { kind: 'equals', field: 'tags', value: `tag-${at}` } });
      times.push(performance.now() - startedAt);
    }
    const slow = times.toSorted((one, other) => other - one)[2] ?? 0;
    assert.ok(slow <= maxPageMs, `${slow.toFixed(1)} ms`);
  });

  it('writes and lists during a wildcard search', async () => {
    const ended: string[] = [];
    const searches = [0, 1, 2, 3].map(async (at) => {
      const page = await index.search({ limit: 50, condition: { kind: 'all', conditions: [wildcard, bytes(at)] } });
      assert.equal(page.assets.length, 50);
      ended.push('search');
    });
    await index.begin(record(5));
    await index.end(record(5), { ...record(5), bytes: 7 });
    await index.list({ limit: 50, resourceType: 'image' });
    ended.push('change and list');
    await Promise.all(searches);
    if (isLong) assert.notEqual(ended.at(-1), 'change and list');
  });

  it(`never holds the event loop longer than ${maxHoldMs} ms`, () => {
    const longest = loop.longestMs();
    assert.ok(longest <= maxHoldMs, `${longest} ms`);
  });
});

/** Measures the time of the processor between two turns of the event loop: other processes do not lengthen it. */
function watchLoop(): { longestMs(): number } {
  let longest = 0;
  let last = threadMs();
  const timer = setInterval(() => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return {
    longestMs() {
      clearInterval(timer);
      return longest;
    },
  };
}

function threadMs(): number {
  // Node 22 measures only all threads together.
  if (process.threadCpuUsage === undefined) return 0;
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
