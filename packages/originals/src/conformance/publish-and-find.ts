import assert from 'node:assert/strict';
import type { AssetId, PublishedFacts } from '@safelight/core';
import { type Check, cat, chunksOf, current, factsOf, found, md5, readAll, receive, startMs, upload } from './scene.ts';

export function publishAndFindConformance(check: Check): void {
  receivedBytesConformance(check);
  publishedOriginalConformance(check);
}

function receivedBytesConformance(check: Check): void {
  check('finds nothing where nothing was uploaded', async ({ originals }) => {
    assert.equal(await originals.find(cat), undefined);
    assert.equal(await originals.find(cat, 1_700_000_000), undefined);
  });

  check('does not show received bytes before they are published', async ({ originals }) => {
    await receive(originals, 'bytes');
    assert.equal(await originals.find(cat), undefined);
  });

  check('measures and digests what it receives', async ({ originals }) => {
    const { bytes, etag } = await originals.receive(chunksOf('in ', 'two'), { maxBytes: 6 });
    assert.deepEqual({ bytes, etag }, { bytes: 6, etag: md5('in two') });
  });
}

function publishedOriginalConformance(check: Check): void {
  check('keeps every fact, visible everywhere', async ({ originals, elsewhere }) => {
    const facts: PublishedFacts = {
      ...cat,
      format: 'jpg',
      width: 640,
      height: 480,
      originalFilename: 'Cat (1)',
      displayName: 'The cat',
      tags: ['pet', 'ü'],
      context: { alt: 'A cat', '10': 'ten', '2': 'two' },
    };
    const published = await originals.publish(await receive(originals, 'meow'), facts);
    assert.deepEqual(
      { ...factsOf(published), assetId: '', versionId: '' },
      {
        ...facts,
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
    assert.deepEqual(factsOf(await found(elsewhere, cat)), factsOf(published));
  });

  check('gives the bytes, at once and as a stream, as often as asked', async ({ originals, elsewhere }) => {
    const content = 'x'.repeat(300_000);
    await upload(originals, cat, content);
    const original = await found(elsewhere, cat);
    assert.equal((await original.bytesOf()).toString(), content);
    assert.equal(await readAll(original), content);
    assert.equal(await readAll(original), content);
  });

  check('takes an original without bytes', async ({ originals }) => {
    assert.equal((await (await upload(originals, cat, '')).bytesOf()).length, 0);
  });

  check('keeps resource types, cases and spellings of IDs apart', async ({ originals }) => {
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
