import assert from 'node:assert/strict';
import type { AssetId, Originals, PublishedOnce } from '@safelight/core';
import { type Check, cat, current, dog, receive, recordOf, type Scene, upload } from './scene.ts';

const name = '0123456789abcdef'.repeat(2);
const otherName = 'f'.repeat(32);

interface OnceCall {
  readonly asset?: AssetId;
  readonly name?: string;
  readonly mayReplace?: boolean;
}

/** Without `publishOnce`, which is optional, these tests have nothing to check. */
export function publishOnceConformance(check: Check): void {
  const checkOnce = onceCheck(check);
  repeatedOnceConformance(checkOnce);
  existingConformance(checkOnce);
}

type OnceCheck = (title: string, body: (scene: Scene) => Promise<void>) => void;

function onceCheck(check: Check): OnceCheck {
  return (title, body) =>
    check(title, async (scene) => {
      if (scene.originals.publishOnce !== undefined) await body(scene);
    });
}

function repeatedOnceConformance(checkOnce: OnceCheck): void {
  checkOnce(
    'returns the same version under the same name, also to another process',
    async ({ originals, elsewhere }) => {
      const first = await once(originals, 'meow');
      assert.deepEqual([first.isExisting, first.hasReplaced], [false, false]);
      for (const place of [originals, elsewhere])
        assert.deepEqual(withoutBytes(await once(place, 'meow')), withoutBytes(first));
      assert.equal((await originals.versions(cat)).length, 1);
      assert.equal(await current(elsewhere, cat), 'meow');
    },
  );

  checkOnce('publishes one version for calls at the same time', async ({ originals, elsewhere }) => {
    const calls = Array.from({ length: 8 }, (_, at) => once(at % 2 ? originals : elsewhere, 'meow'));
    const versionIds = (await Promise.all(calls)).map(({ original }) => original.versionId);
    assert.equal(new Set(versionIds).size, 1);
    assert.equal((await originals.versions(cat)).length, 1);
    assert.equal(await current(originals, cat), 'meow');
  });

  checkOnce('publishes a version for each name, and for each asset', async ({ originals, elsewhere }) => {
    const [one, two] = await Promise.all([
      once(originals, 'one'),
      once(elsewhere, 'two', { name: otherName }),
      once(originals, 'three', { asset: dog }),
    ]);
    assert.notEqual(one.original.version, two.original.version);
    assert.equal((await originals.versions(cat)).length, 2);
    assert.equal(await current(elsewhere, dog), 'three');
    for (const [content, options] of [
      ['one', {}],
      ['two', { name: otherName }],
    ] as const) {
      const { original } = await once(elsewhere, content, options);
      assert.equal((await original.bytesOf()).toString(), content);
    }
  });
}

function existingConformance(checkOnce: OnceCheck): void {
  checkOnce('says also in a repeat whether the asset existed', async ({ originals, elsewhere }) => {
    await upload(originals, cat, 'old');
    const first = await once(originals, 'new');
    assert.deepEqual([first.isExisting, first.hasReplaced], [false, true]);
    await upload(originals, cat, 'newer');
    assert.deepEqual(withoutBytes(await once(elsewhere, 'new')), withoutBytes(first));
    assert.equal(await current(originals, cat), 'newer');
  });

  checkOnce('publishes nothing when the asset exists and may not be replaced', async ({ originals, elsewhere }) => {
    const old = await upload(originals, cat, 'old');
    const { original, isExisting } = await once(elsewhere, 'new', { mayReplace: false });
    assert.deepEqual([original.version, isExisting], [old.version, true]);
    assert.equal((await originals.versions(cat)).length, 1);
  });

  checkOnce('does not take its own version for an existing one', async ({ originals, elsewhere }) => {
    const first = await once(originals, 'new', { mayReplace: false });
    const repeated = await once(elsewhere, 'new', { mayReplace: false });
    assert.deepEqual(withoutBytes(repeated), withoutBytes(first));
    assert.equal(repeated.isExisting, false);
  });

  checkOnce('does not publish again what was replaced or destroyed since', async ({ originals, elsewhere }) => {
    const first = await once(originals, 'first');
    for (const content of ['2', '3', '4', '5', '6']) await upload(elsewhere, cat, content);
    assert.equal((await once(elsewhere, 'first')).original.version, first.original.version);
    assert.equal(await current(originals, cat), '6');
    await originals.destroy(cat);
    assert.equal((await once(elsewhere, 'first')).original.version, first.original.version);
    assert.equal(await originals.find(cat), undefined);
  });

  checkOnce('removes its versions like others', async ({ originals }) => {
    for (let at = 0; at < 8; at += 1) await once(originals, `${at}`, { name: `${at}`.repeat(32) });
    assert.equal((await originals.versions(cat)).length, 4);
  });
}

async function once(originals: Originals, content: string, options: OnceCall = {}): Promise<PublishedOnce> {
  assert.ok(originals.publishOnce);
  const { asset = cat, ...given } = options;
  const facts = { ...asset, format: 'jpg' };
  return originals.publishOnce(await receive(originals, content), facts, { name, mayReplace: true, ...given });
}

function withoutBytes({ original, ...published }: PublishedOnce): object {
  return { ...published, original: recordOf(original) };
}
