import assert from 'node:assert/strict';
import type { AssetId, OriginalRecord, Originals } from '@safelight/core';
import { type Check, cat, current, dog, found, receive, recordOf, upload } from './scene.ts';

export function listedVersionsConformance(check: Check): void {
  check('are listed, newest first, with their facts', async ({ originals, elsewhere }) => {
    assert.deepEqual(await originals.versions(cat), []);
    await upload(originals, cat, '1');
    await originals.changeFacts(cat, () => ({ tags: ['first'] }));
    await upload(originals, cat, '2');
    await originals.changeFacts(cat, () => ({ tags: ['second'] }));
    const versions = await elsewhere.versions(cat);
    assert.deepEqual(
      versions.map(({ version, tags }) => [version, tags]),
      [
        [1_700_000_001, ['second']],
        [1_700_000_000, ['first']],
      ],
    );
    assert.deepEqual(versions[0], recordOf(await found(originals, cat)));
    await originals.destroy(cat);
    assert.deepEqual(await elsewhere.versions(cat), []);
  });

  check(
    'are listed only while they can be delivered',
    async ({ originals }) => {
      for (const content of '1234') await upload(originals, cat, content);
      const numbers = (await originals.versions(cat)).map(({ version }) => version);
      assert.deepEqual(numbers, [1_700_000_003, 1_700_000_002]);
    },
    1,
  );
}

export function restoreConformance(check: Check): void {
  check('publishes the bytes of an older version as a new one', async ({ originals, elsewhere, time }) => {
    const facts = { width: 640, height: 480, originalFilename: 'cat', tags: ['pet'] };
    const first = await originals.publish(await receive(originals, 'old'), { ...cat, format: 'png', ...facts });
    await originals.changeFacts(cat, ({ tags = [] }) => ({ tags: [...tags, 'changed'], displayName: 'Cat' }));
    const second = await upload(originals, cat, 'new');
    time.nowMs += 60_000;
    const restored = await originals.restore(cat, first.version);
    assert.ok(restored);
    const { version, versionId } = restored;
    assert.ok(version > second.version);
    assert.ok(![first.versionId, second.versionId].includes(versionId));
    const expected = { ...recordOf(first), version, versionId, createdAt: time.nowMs };
    assert.deepEqual(recordOf(restored), { ...expected, tags: ['pet', 'changed'], displayName: 'Cat' });
    assert.deepEqual(recordOf(await found(elsewhere, cat)), recordOf(restored));
    assert.deepEqual([await current(elsewhere, cat), await current(elsewhere, cat, second.version)], ['old', 'new']);
  });

  check('gives undefined for a version that cannot be delivered', async ({ originals }) => {
    assert.equal(await originals.restore(cat, 1_700_000_000), undefined);
    const { version } = await upload(originals, cat, '1');
    assert.equal(await originals.restore(cat, version + 1), undefined);
    await originals.destroy(cat);
    assert.equal(await originals.restore(cat, version), undefined);
    await upload(originals, cat, '2');
    assert.equal(await originals.restore(cat, version), undefined);
    assert.equal(await current(originals, cat), '2');
  });

  check(
    'works for the oldest version that can be delivered',
    async ({ originals }) => {
      const first = await upload(originals, cat, '1');
      await upload(originals, cat, '2');
      await originals.restore(cat, first.version);
      assert.equal(await current(originals, cat), '1');
      assert.equal((await originals.versions(cat)).length, 2);
    },
    1,
  );
}

export function listConformance(check: Check): void {
  check('gives the current version of each asset, with its facts', async ({ originals, elsewhere }) => {
    assert.deepEqual(await listed(elsewhere), []);
    const raw: AssetId = { resourceType: 'raw', publicId: 'ü/\ud83d\udc08' };
    await upload(originals, cat, '1');
    await upload(originals, cat, '2');
    await upload(originals, dog, '3');
    await upload(originals, raw, '4');
    await originals.changeFacts(cat, () => ({ tags: ['pet'] }));
    await originals.destroy(dog);
    const expected = [recordOf(await found(originals, cat)), recordOf(await found(originals, raw))];
    assert.deepEqual(await listed(elsewhere), expected);
  });

  check('gives one asset at a time, and may be left early', async ({ originals }) => {
    for (let index = 0; index < 5; index += 1) await upload(originals, { ...cat, publicId: `${index}` }, 'x');
    let count = 0;
    for await (const record of originals.list()) {
      count += 1;
      assert.equal(await originals.destroy(record), true);
      if (count === 3) break;
    }
    assert.equal((await listed(originals)).length, 2);
  });
}

async function listed(originals: Originals): Promise<readonly OriginalRecord[]> {
  const records: OriginalRecord[] = [];
  for await (const record of originals.list()) records.push(record);
  return records.sort((a, b) => (a.resourceType + a.publicId < b.resourceType + b.publicId ? -1 : 1));
}
