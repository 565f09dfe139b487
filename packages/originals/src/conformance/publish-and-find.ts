import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { AssetId, PublishedFacts } from '@safelight/core';
import {
  type Check,
  cat,
  chunksOf,
  current,
  found,
  md5,
  readAll,
  receive,
  recordOf,
  startMs,
  upload,
} from './scene.ts';

export function publishAndFindConformance(check: Check): void {
  receivedBytesConformance(check);
  publishedOriginalConformance(check);
  bytesConformance(check);
}

function receivedBytesConformance(check: Check): void {
  check('finds nothing before an upload', async ({ originals }) => {
    assert.equal(await originals.find(cat), undefined);
    assert.equal(await originals.find(cat, 1_700_000_000), undefined);
  });

  check('does not show received bytes before they are published', async ({ originals }) => {
    await receive(originals, 'bytes');
    assert.equal(await originals.find(cat), undefined);
  });

  check('returns length and MD5 of the received bytes', async ({ originals }) => {
    const { bytes, etag } = await originals.receive(chunksOf('in ', 'two'), { maxBytes: 6 });
    assert.deepEqual({ bytes, etag }, { bytes: 6, etag: md5('in two') });
  });
}

function publishedOriginalConformance(check: Check): void {
  check('stores all metadata, visible in all processes', async ({ originals, elsewhere }) => {
    const metadata: PublishedFacts = {
      ...cat,
      format: 'jpg',
      width: 640,
      height: 480,
      originalFilename: 'Cat (1)',
      displayName: 'The cat',
      tags: ['pet', 'ü'],
      context: { alt: 'A cat', '10': 'ten', '2': 'two' },
    };
    const published = await originals.publish(await receive(originals, 'meow'), metadata);
    assert.deepEqual(
      { ...recordOf(published), assetId: '', versionId: '' },
      {
        ...metadata,
        bytes: 4,
        etag: md5('meow'),
        createdAt: startMs,
        version: 1_700_000_000,
        assetId: '',
        versionId: '',
      },
    );
    assert.match(published.assetId, /^[0-9a-f]{32}$/);
    assert.match(published.versionId, /^[0-9a-f]{32}$/);
    assert.deepEqual(recordOf(await found(elsewhere, cat)), recordOf(published));
  });

  check('distinguishes resource types, cases and spellings of IDs', async ({ originals }) => {
    const ids = [
      'a',
      'A',
      'a/',
      '/a',
      '../a',
      'a/../a',
      'a%2Fa',
      '\u00e9',
      'e\u0301',
      '.',
      'con',
      'a\u0000',
      'ä'.repeat(255),
    ];
    const assets = ids.flatMap((publicId): AssetId[] => [
      { resourceType: 'image', publicId },
      { resourceType: 'raw', publicId },
    ]);
    for (const asset of assets) await upload(originals, asset, JSON.stringify(asset));
    for (const asset of assets) assert.equal(await current(originals, asset), JSON.stringify(asset));
  });
}

function bytesConformance(check: Check): void {
  check('gives the bytes as a buffer and as a stream, each time', async ({ originals, elsewhere }) => {
    const content = 'x'.repeat(300_000);
    await upload(originals, cat, content);
    const original = await found(elsewhere, cat);
    assert.equal((await original.bytesOf()).toString(), content);
    assert.equal(await readAll(original), content);
    assert.equal(await readAll(original), content);
  });

  check('gives a local file with the bytes, if it can', async ({ originals, elsewhere }) => {
    await upload(originals, cat, 'meow');
    const original = await found(elsewhere, cat);
    const path = original.localPath ?? (await original.toFile?.());
    if (path !== undefined) assert.equal(await readFile(path, 'utf8'), 'meow');
  });

  check('gives the bytes from start to end', async ({ originals, elsewhere }) => {
    await upload(originals, cat, '0123456789');
    const original = await found(elsewhere, cat);
    const read = async (start?: number, end?: number) =>
      String(Buffer.concat(await original.stream(start, end).toArray()));
    assert.deepEqual([await read(3, 5), await read(7), await read(0, 1), await read(4, 4)], ['34', '789', '0', '']);
  });

  check('accepts an original without bytes', async ({ originals }) => {
    assert.equal((await (await upload(originals, cat, '')).bytesOf()).length, 0);
  });
}
