import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type AssetId,
  type AssetIndex,
  IndexUnavailableError,
  type OriginalRecord,
  type Originals,
} from '@safelight/core';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const dog: AssetId = { resourceType: 'image', publicId: 'dog' };

interface Scene {
  readonly files: Originals;
  readonly index: AssetIndex;
  readonly originals: ReturnType<typeof indexedOriginals>;
  readonly errors: unknown[];
}

async function withScene(
  body: (scene: Scene) => Promise<void>,
  changed: (index: AssetIndex, files: Originals) => { index?: AssetIndex; files?: Originals } = () => ({}),
): Promise<void> {
  const root = await directoryInMemory();
  const files = fileOriginals({ directory: join(root, 'originals') });
  const index = sqliteAssetIndex({ file: join(root, 'index.db') });
  const errors: unknown[] = [];
  const used = changed(index, files);
  const onError = (error: unknown): void => void errors.push(error);
  const originals = indexedOriginals(used.files ?? files, used.index ?? index, { onError });
  try {
    await body({ files, index, originals, errors });
  } finally {
    await index.close();
  }
}

async function upload(originals: Originals, asset: AssetId, tags: readonly string[] = []): Promise<OriginalRecord> {
  const received = await originals.receive(Readable.from([Buffer.from('x')]), { maxBytes: 100 });
  return originals.publish(received, { ...asset, format: 'jpg', tags });
}

const names = async (index: AssetIndex) => (await index.list({ limit: 500 })).assets.map(({ publicId }) => publicId);

describe('indexedOriginals', () => {
  after(removeTemporaryDirectories);

  it('writes uploads, renames and deletions into the index', () =>
    withScene(async ({ originals, index, errors }) => {
      const { assetId } = await upload(originals, cat, ['pet']);
      assert.equal((await index.find(assetId))?.publicId, 'cat');
      await originals.rename(cat, dog, { overwrite: false });
      assert.deepEqual(await names(index), ['dog']);
      assert.equal((await index.find(assetId))?.publicId, 'dog');
      await originals.rename(dog, dog, { overwrite: true });
      assert.equal(await originals.destroy(dog), true);
      assert.deepEqual(await names(index), []);
      assert.deepEqual(await index.unfinished(), []);
      assert.deepEqual(errors, []);
    }));

  it('makes the changes of an asset one after the other', () =>
    withScene(async ({ originals, files, index }) => {
      await Promise.all(Array.from({ length: 10 }, (_, at) => upload(originals, at % 2 === 0 ? cat : dog)));
      await Promise.all([
        originals.rename(cat, dog, { overwrite: true }),
        originals.rename(dog, cat, { overwrite: true }),
      ]);
      for (const asset of [cat, dog]) {
        const [known] = (await index.list({ limit: 1, prefix: asset.publicId })).assets;
        assert.equal(known?.versionId, (await files.find(asset))?.versionId);
      }
    }));

  it('changes nothing, and says so, when the index cannot note a change', () =>
    withScene(
      async ({ originals, files }) => {
        const received = await originals.receive(Readable.from([Buffer.from('x')]), { maxBytes: 100 });
        const facts = { ...cat, format: 'jpg' };
        await assert.rejects(originals.publish(received, facts), IndexUnavailableError);
        assert.equal(await files.find(cat), undefined);
        // The received bytes can still be published.
        await files.publish(received, facts);
      },
      (index) => ({ index: { ...index, begin: () => Promise.reject(new Error('disk is full')) } }),
    ));

  it('publishes although the index cannot be written, and tells it with the next change', () => {
    let isBroken = true;
    return withScene(
      async ({ originals, index, errors }) => {
        await upload(originals, cat);
        assert.equal(errors.length, 1);
        assert.deepEqual(await index.unfinished(), [cat]);
        isBroken = false;
        await upload(originals, dog);
        await originals.destroy(dog);
        await upload(originals, { resourceType: 'image', publicId: 'cow' });
        assert.deepEqual(await names(index), ['cat', 'cow']);
        assert.deepEqual(await index.unfinished(), []);
      },
      (index) => ({
        index: {
          ...index,
          end: (...args) => (isBroken ? Promise.reject(new Error('disk is full')) : index.end(...args)),
        },
      }),
    );
  });

  it('writes the state when a change fails halfway', () =>
    withScene(
      async ({ originals, index, files }) => {
        await assert.rejects(originals.destroy(cat), /power cut/);
        assert.deepEqual(await names(index), []);
        await upload(files, cat);
        await assert.rejects(originals.destroy(cat), /power cut/);
        assert.deepEqual(await names(index), ['cat']);
      },
      (_index, files) => ({ files: { ...files, destroy: () => Promise.reject(new Error('power cut')) } }),
    ));

  it('counts changes of facts and restored versions as changes, and passes the rest on', () => {
    const made: string[] = [];
    return withScene(
      async ({ originals, index, files }) => {
        await upload(files, cat);
        await originals.changeFacts?.(cat, (facts) => facts);
        assert.deepEqual(await names(index), ['cat']);
        await upload(files, dog);
        await originals.restore?.(dog, 1);
        assert.deepEqual(await names(index), ['cat', 'dog']);
        assert.deepEqual(await originals.versions?.(cat), []);
        assert.deepEqual(made, ['changeFacts', 'restore', 'versions']);
        assert.equal(originals.unfinished, files.unfinished);
      },
      (_index, files) => ({
        files: {
          ...files,
          changeFacts: async () => void made.push('changeFacts') as undefined,
          restore: async () => void made.push('restore') as undefined,
          versions: async () => {
            made.push('versions');
            return [];
          },
        },
      }),
    );
  });

  it('catches up: builds a new index from the list, and reads unfinished assets again', () =>
    withScene(
      async ({ originals, index, files }) => {
        await upload(files, cat);
        await upload(files, dog);
        await originals.catchUp();
        assert.deepEqual(await names(index), ['cat', 'dog']);
        assert.equal((await index.state()).phase, 'ready');

        await index.begin(dog);
        await files.destroy(dog);
        await originals.catchUp();
        assert.deepEqual(await names(index), ['cat']);
        assert.deepEqual(await index.unfinished(), []);
      },
      (_index, files) => ({
        files: {
          ...files,
          async *list() {
            for (const asset of [cat, dog]) {
              const found = await files.find(asset);
              if (found !== undefined) yield found;
            }
          },
        },
      }),
    ));
});
