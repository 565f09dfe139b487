import assert from 'node:assert/strict';
import { type Check, cat, current, dog, found, receive, recordOf, upload } from './scene.ts';

export function renameConformance(check: Check): void {
  check('moves bytes and metadata under a new version', async ({ originals, elsewhere, time }) => {
    const before = await originals.publish(await receive(originals, 'meow'), {
      ...cat,
      format: 'png',
      displayName: 'The cat',
      tags: ['pet'],
    });
    time.nowMs += 60_000;
    const after = await originals.rename(cat, dog, { overwrite: false });
    assert.ok(typeof after === 'object');
    assert.equal(after.version, 1_700_000_060);
    assert.notEqual(after.versionId, before.versionId);
    const { version, versionId } = after;
    assert.deepEqual(recordOf(after), { ...recordOf(before), ...dog, version, versionId });
    assert.deepEqual(recordOf(await found(elsewhere, dog)), recordOf(after));
    assert.equal(await current(elsewhere, dog), 'meow');
    assert.equal(await elsewhere.find(cat), undefined);
    assert.equal(await elsewhere.find(cat, before.version), undefined);
  });

  check('leaves an ID that begins a new asset', async ({ originals }) => {
    const before = await upload(originals, cat, 'old');
    await originals.rename(cat, dog, { overwrite: false });
    const anew = await upload(originals, cat, 'new');
    assert.ok(anew.version > before.version);
    assert.notEqual(anew.assetId, before.assetId);
    assert.equal(await originals.find(cat, before.version), undefined);
    assert.equal(await current(originals, dog), 'old');
  });

  check('gives undefined for an absent original', async ({ originals }) => {
    await upload(originals, dog, 'dog');
    assert.equal(await originals.rename(cat, dog, { overwrite: true }), undefined);
    assert.equal(await current(originals, dog), 'dog');
  });

  check('refuses an ID that is in use, except with overwrite', async ({ originals }) => {
    const source = await upload(originals, cat, 'cat');
    for (const content of ['dog 1', 'dog 2', 'dog 3']) await upload(originals, dog, content);
    assert.equal(await originals.rename(cat, dog, { overwrite: false }), 'taken');
    assert.deepEqual([await current(originals, cat), await current(originals, dog)], ['cat', 'dog 3']);
    const renamed = await originals.rename(cat, dog, { overwrite: true });
    assert.ok(typeof renamed === 'object');
    assert.equal(renamed.version, 1_700_000_003);
    assert.equal(renamed.assetId, source.assetId);
    assert.equal(await current(originals, dog), 'cat');
  });

  check('to a destroyed ID takes a higher number', async ({ originals }) => {
    for (const content of ['1', '2', '3']) await upload(originals, dog, content);
    await originals.destroy(dog);
    await upload(originals, cat, 'cat');
    const renamed = await originals.rename(cat, dog, { overwrite: false });
    assert.ok(typeof renamed === 'object' && renamed.version > 1_700_000_002);
  });

  check('to itself changes nothing', async ({ originals }) => {
    const { version } = await upload(originals, cat, 'cat');
    assert.equal(await originals.rename(cat, cat, { overwrite: false }), 'taken');
    await originals.rename(cat, cat, { overwrite: true });
    assert.equal((await found(originals, cat)).version, version);
  });
}
