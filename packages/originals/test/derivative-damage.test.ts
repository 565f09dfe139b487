import assert from 'node:assert/strict';
import { access, copyFile, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathOf } from './derivative-files.ts';
import { contentOf, large, scene, small, store } from './derivatives-scene.ts';
import { removeTemporaryDirectories } from './temporary-directory.ts';

type Damage = (path: string, content: Buffer, elsewhere: string) => Promise<unknown>;

const flipped = (content: Buffer, at: number): Buffer => {
  const changed = Buffer.from(content);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
};

const damages: Readonly<Record<string, Damage>> = {
  empty: (path) => truncate(path, 0),
  'without its last byte': (path, content) => truncate(path, content.length - 1),
  'cut in half': (path, content) => truncate(path, content.length >> 1),
  'with a byte more': (path, content) => writeFile(path, Buffer.concat([content, Buffer.alloc(1)])),
  'without its first byte': (path, content) => writeFile(path, content.subarray(1)),
  'full of zeros, as after a power cut': (path, content) => writeFile(path, Buffer.alloc(content.length)),
  'with another first byte': (path, content) => writeFile(path, flipped(content, 0)),
  'with another byte in the middle': (path, content) => writeFile(path, flipped(content, content.length >> 1)),
  'with another byte in its facts': (path, content) => writeFile(path, flipped(content, content.length - 60)),
  'with another last byte': (path, content) => writeFile(path, flipped(content, content.length - 1)),
  'a symbolic link to the right bytes': async (path, _content, elsewhere) => {
    await rename(path, elsewhere);
    await symlink(elsewhere, path);
  },
};

describe('a damaged derivative', () => {
  afterEach(removeTemporaryDirectories);

  for (const [size, content] of Object.entries({ small, large })) {
    for (const [what, damage] of Object.entries(damages)) {
      it(`is absent, removed and reported: ${what} (${size})`, async () => {
        const { derivatives, directory, restarted, errors } = await scene();
        const name = await store(derivatives, content, { type: 'image/png' });
        const path = pathOf(directory, name);
        await damage(path, await readFile(path), join(directory, 'elsewhere'));
        assert.equal(await restarted().open(name), undefined);
        await assert.rejects(access(path));
        assert.equal(errors.length, 1, String(errors));
        assert.match(String(errors[0]), new RegExp(`The derivative ${name} in .* was damaged and has been removed`));
        assert.equal(await restarted().open(name), undefined);
        assert.equal(errors.length, 1);
      });
    }
  }

  it('is noticed when any byte has changed', async () => {
    const { derivatives, directory, restarted } = await scene();
    const name = await store(derivatives, Buffer.from('the picture'), { type: 'image/png' });
    const path = pathOf(directory, name);
    const content = await readFile(path);
    const later = restarted({ hotBytes: 0 });
    for (let at = 0; at < content.length; at += 1) {
      await writeFile(path, flipped(content, at));
      assert.equal(await later.open(name), undefined, `byte ${at}`);
    }
    await writeFile(path, content);
    assert.equal(String(await contentOf(await later.open(name))), 'the picture');
  });

  it('is noticed by calls that open it at the same time', async () => {
    const { derivatives, directory, restarted, errors } = await scene();
    const name = await store(derivatives, large);
    const path = pathOf(directory, name);
    await writeFile(path, flipped(await readFile(path), 100));
    const later = restarted();
    assert.deepEqual(await Promise.all([later.open(name), later.open(name)]), [undefined, undefined]);
    assert.ok(errors.length >= 1);
  });

  it('is noticed by its length at each open, also by the process that stored it', async () => {
    const { derivatives, directory } = await scene();
    const name = await store(derivatives, large);
    const path = pathOf(directory, name);
    await writeFile(path, (await readFile(path)).subarray(1));
    assert.equal(await derivatives.open(name), undefined);
  });

  it('is a file that was copied to another name', async () => {
    const { derivatives, directory, restarted } = await scene();
    const [source, target] = [await store(derivatives, small), await store(derivatives, large)];
    await copyFile(pathOf(directory, source), pathOf(directory, target));
    assert.equal(await restarted().open(target), undefined);
  });

  it('is absent, and not removed, when a folder is in its place', async () => {
    const { derivatives, directory, restarted, errors } = await scene();
    const name = await store(derivatives, small);
    const path = pathOf(directory, name);
    await rm(path);
    await mkdir(path);
    await writeFile(join(path, 'notes.txt'), 'not ours');
    assert.equal(await restarted().open(name), undefined);
    assert.equal(String(await readFile(join(path, 'notes.txt'))), 'not ours');
    assert.equal(errors.length, 1);
  });

  it('is absent behind a symbolic link in the place of its folder', async () => {
    const { derivatives, directory, restarted } = await scene();
    const name = await store(derivatives, small);
    const folder = join(directory, name.slice(0, 2));
    await rename(folder, join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), folder);
    assert.equal(await restarted().open(name), undefined);
    await restarted().remove(name);
    await access(join(directory, 'elsewhere', name.slice(2)));
  });
});
