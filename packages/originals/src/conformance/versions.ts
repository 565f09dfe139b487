import assert from 'node:assert/strict';
import { type Check, cat, current, dog, found, md5, upload, versionContent } from './scene.ts';

export function versionsConformance(check: Check): void {
  check('are Unix seconds', async ({ originals, time }) => {
    time.nowMs += 999;
    assert.equal((await upload(originals, cat, '1')).version, 1_700_000_000);
    time.nowMs += 5_001;
    assert.equal((await upload(originals, cat, '2')).version, 1_700_000_006);
  });

  check('increase within one second and when the clock is set back', async ({ originals, time }) => {
    const first = await upload(originals, cat, '1');
    const second = await upload(originals, cat, '2');
    time.nowMs -= 3_600_000;
    const third = await upload(originals, cat, '3');
    assert.deepEqual([first.version, second.version, third.version], [1_700_000_000, 1_700_000_001, 1_700_000_002]);
    assert.equal(new Set([first.versionId, second.versionId, third.versionId]).size, 3);
    assert.equal(await current(originals, cat), '3');
  });

  check('share the asset ID', async ({ originals }) => {
    const first = await upload(originals, cat, '1');
    assert.equal((await upload(originals, cat, '2')).assetId, first.assetId);
    assert.notEqual((await upload(originals, dog, '1')).assetId, first.assetId);
  });

  check('have their own bytes, and an unknown version has none', async ({ originals }) => {
    const first = await upload(originals, cat, '1');
    const second = await upload(originals, cat, '2');
    assert.equal(await current(originals, cat, first.version), '1');
    assert.equal(await current(originals, cat, second.version), '2');
    assert.equal(await originals.find(cat, first.version - 1), undefined);
    assert.equal(await originals.find(cat, second.version + 1), undefined);
  });

  check(
    'stay deliverable for maxVersions more uploads',
    async ({ originals }) => {
      const versions: number[] = [];
      for (const content of '12345') versions.push((await upload(originals, cat, content)).version);
      const contents = await Promise.all(versions.map((version) => versionContent(originals, cat, version)));
      assert.deepEqual(contents, [undefined, undefined, '3', '4', '5']);
    },
    2,
  );

  check(
    'are not deliverable with maxVersions 0',
    async ({ originals }) => {
      const first = await upload(originals, cat, '1');
      await upload(originals, cat, '2');
      assert.equal(await originals.find(cat, first.version), undefined);
      assert.equal(await current(originals, cat), '2');
    },
    0,
  );

  check('are distinct when two processes publish at the same time', async ({ originals, elsewhere }) => {
    const sides = [originals, elsewhere, originals, elsewhere, originals, elsewhere, originals, elsewhere];
    const published = await Promise.all(sides.map((side, index) => upload(side, cat, `content ${index}`)));
    const versions = published.map(({ version }) => version).sort((a, b) => a - b);
    assert.equal(new Set(versions).size, sides.length);
    assert.equal((await found(originals, cat)).version, versions.at(-1));
    for (const { version, etag } of published) {
      const content = await versionContent(originals, cat, version);
      if (content !== undefined) assert.equal(md5(content), etag);
    }
  });
}
