import assert from 'node:assert/strict';
import type { AssetFacts, Originals } from '@safelight/core';
import { type Check, cat, dog, found, receive, recordOf, upload } from './scene.ts';

export function factsConformance(check: Check): void {
  changedFactsConformance(check);
  versionFactsConformance(check);
}

function changedFactsConformance(check: Check): void {
  check('change without a new version, visible in all processes', async ({ originals, elsewhere }) => {
    const before = await uploadTagged(originals, ['pet']);
    const facts: AssetFacts = {
      displayName: 'The cat',
      assetFolder: 'animals/pets',
      tags: ['ü', 'pet'],
      context: { alt: 'A cat', '10': 'ten', '2': 'two' },
      metadata: 'id=1|x=\\|',
    };
    const changed = await originals.changeFacts(cat, () => facts);
    assert.ok(changed);
    assert.deepEqual(recordOf(changed), { ...recordOf(before), ...facts });
    assert.deepEqual(recordOf(await found(elsewhere, cat)), recordOf(changed));
    assert.deepEqual(recordOf(await found(elsewhere, cat, before.version)), recordOf(changed));
    assert.equal((await changed.bytesOf()).toString(), 'meow');
  });

  check('are given to the change, and are absent once they are empty', async ({ originals, elsewhere }) => {
    const before = await uploadTagged(originals, ['pet']);
    const seen: AssetFacts[] = [];
    const change = async (next: AssetFacts): Promise<object> => {
      const original = await originals.changeFacts(cat, (facts) => {
        seen.push(facts);
        return next;
      });
      assert.ok(original);
      return recordOf(original);
    };
    const { tags: _tags, ...untagged } = recordOf(before) as { readonly tags: unknown };
    const empty = { displayName: '', assetFolder: '', tags: [], context: {}, metadata: '' };
    assert.deepEqual(await change({ displayName: 'Cat' }), { ...untagged, displayName: 'Cat' });
    assert.deepEqual(await change(empty), untagged);
    assert.deepEqual(recordOf(await found(elsewhere, cat)), untagged);
    assert.deepEqual(await change({ tags: ['a'] }), { ...untagged, tags: ['a'] });
    assert.deepEqual(seen, [{ tags: ['pet'] }, { displayName: 'Cat' }, {}]);
  });

  check('of an absent asset cannot change', async ({ originals }) => {
    assert.equal(await originals.changeFacts(cat, () => ({ tags: ['a'] })), undefined);
    await upload(originals, cat, 'meow');
    await originals.destroy(cat);
    assert.equal(await originals.changeFacts(cat, () => ({ tags: ['a'] })), undefined);
  });

  check('do not change when the change throws, and can change afterwards', async ({ originals }) => {
    await uploadTagged(originals, ['pet']);
    const failing = originals.changeFacts(cat, () => {
      throw new RangeError('Too many tags');
    });
    await assert.rejects(failing, { name: 'RangeError', message: 'Too many tags' });
    assert.deepEqual((await found(originals, cat)).tags, ['pet']);
    await addTag(originals, 'a');
    assert.deepEqual((await found(originals, cat)).tags, ['pet', 'a']);
  });

  check('lose no change when two processes change them at the same time', async ({ originals, elsewhere }) => {
    await uploadTagged(originals, ['pet']);
    const names = Array.from({ length: 12 }, (_, index) => `tag ${index}`);
    await Promise.all(names.map((tag, index) => addTag(index % 2 === 0 ? originals : elsewhere, tag)));
    assert.deepEqual((await found(originals, cat)).tags?.toSorted(), ['pet', ...names].toSorted());
  });
}

function versionFactsConformance(check: Check): void {
  check('belong to their version: an upload begins with its own', async ({ originals, elsewhere }) => {
    const first = await uploadTagged(originals, ['pet']);
    await addTag(originals, 'old');
    const second = await uploadTagged(originals, ['new']);
    assert.deepEqual((await found(elsewhere, cat)).tags, ['new']);
    await addTag(originals, 'newer');
    assert.deepEqual((await found(elsewhere, cat, second.version)).tags, ['new', 'newer']);
    assert.deepEqual((await found(elsewhere, cat, first.version)).tags, ['pet', 'old']);
  });

  check('do not come back after a destroy', async ({ originals }) => {
    await uploadTagged(originals, ['pet']);
    await addTag(originals, 'old');
    await originals.destroy(cat);
    assert.equal((await upload(originals, cat, 'again')).tags, undefined);
    assert.equal((await found(originals, cat)).tags, undefined);
  });

  check('are taken along by a rename', async ({ originals, elsewhere }) => {
    await uploadTagged(originals, ['pet']);
    await addTag(originals, 'more');
    const renamed = await originals.rename(cat, dog, { overwrite: false });
    assert.ok(typeof renamed === 'object');
    assert.deepEqual(renamed.tags, ['pet', 'more']);
    assert.deepEqual((await found(elsewhere, dog)).tags, ['pet', 'more']);
    await originals.changeFacts(dog, () => ({}));
    assert.equal((await found(elsewhere, dog)).tags, undefined);
  });

  check('lose no change that was confirmed while the asset was renamed', async ({ originals, elsewhere }) => {
    await uploadTagged(originals, ['pet']);
    const confirmed: string[] = [];
    const changing = Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        if ((await addTag(index % 2 === 0 ? originals : elsewhere, `tag ${index}`)) !== undefined) {
          confirmed.push(`tag ${index}`);
        }
      }),
    );
    await elsewhere.rename(cat, dog, { overwrite: false });
    await changing;
    const { tags = [] } = await found(originals, dog);
    assert.deepEqual(
      confirmed.filter((tag) => !tags.includes(tag)),
      [],
    );
    assert.equal(await originals.find(cat), undefined);
  });
}

async function uploadTagged(originals: Originals, tags: readonly string[]): ReturnType<Originals['publish']> {
  return originals.publish(await receive(originals, 'meow'), { ...cat, format: 'jpg', tags });
}

function addTag(originals: Originals, tag: string): ReturnType<Originals['changeFacts']> {
  return originals.changeFacts(cat, (facts) => ({ ...facts, tags: [...(facts.tags ?? []), tag] }));
}
