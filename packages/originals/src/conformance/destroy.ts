import assert from 'node:assert/strict';
import { type Check, cat, current, dog, upload } from './scene.ts';

export function destroyConformance(check: Check): void {
  check('says whether the asset existed', async ({ originals }) => {
    assert.equal(await originals.destroy(cat), false);
    await upload(originals, cat, '1');
    assert.equal(await originals.destroy(cat), true);
    assert.equal(await originals.destroy(cat), false);
  });

  check('hides all versions at once, in all processes, permanently', async ({ originals, elsewhere }) => {
    const first = await upload(originals, cat, '1');
    const second = await upload(originals, cat, '2');
    await originals.destroy(cat);
    for (const version of [undefined, first.version, second.version]) {
      assert.equal(await elsewhere.find(cat, version), undefined);
    }
    const third = await upload(originals, cat, '3');
    assert.equal(await elsewhere.find(cat, first.version), undefined);
    assert.equal(await elsewhere.find(cat, second.version), undefined);
    assert.equal(await current(elsewhere, cat, third.version), '3');
  });

  check('never gives a number again, within one second or later', async ({ originals }) => {
    const used = new Set<number>();
    for (let round = 0; round < 8; round += 1) {
      const { version } = await upload(originals, cat, String(round));
      assert.ok(!used.has(version), `version ${version} was given twice`);
      used.add(version);
      await originals.destroy(cat);
    }
  });

  check('ends the asset: a later upload gets another asset ID', async ({ originals }) => {
    const before = await upload(originals, cat, '1');
    await originals.destroy(cat);
    assert.notEqual((await upload(originals, cat, '1')).assetId, before.assetId);
  });

  check('changes no other asset', async ({ originals }) => {
    await upload(originals, cat, 'cat');
    await upload(originals, dog, 'dog');
    await originals.destroy(cat);
    assert.equal(await current(originals, dog), 'dog');
  });
}
