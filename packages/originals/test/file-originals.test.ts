import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { AssetId, Original, Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import fc from 'fast-check';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const dog: AssetId = { resourceType: 'image', publicId: 'dog' };
const day = 24 * 60 * 60 * 1000;

describe('the directory of originals', () => {
  afterEach(removeTemporaryDirectories);

  it('is created by the first upload', async () => {
    const directory = join(await directoryInMemory(), 'not', 'yet');
    const originals = fileOriginals({ directory });
    assert.equal(await originals.find(cat), undefined);
    assert.equal(await originals.destroy(cat), false);
    assert.equal(await originals.rename(cat, dog, { overwrite: true }), undefined);
    await assert.rejects(readdir(directory), { code: 'ENOENT' });
    await upload(originals, cat, 'cat');
    assert.deepEqual((await readdir(directory)).sort(), ['assets', 'safelight.json', 'tmp']);
  });

  it('has all files inside, for any public ID', async () => {
    const parent = await directoryInMemory();
    const directory = join(parent, 'root');
    const originals = fileOriginals({ directory });
    const segment = fc.constantFrom(
      '..',
      '.',
      '',
      '/',
      '\\',
      '\u0000',
      'C:',
      '~',
      '%2e%2e',
      'tmp',
      'assets',
      'ä',
      '🐈',
    );
    const anyId = fc.oneof(
      fc.array(segment).map((parts) => parts.join('/')),
      fc.string({ unit: 'binary', maxLength: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(anyId, async (publicId) => {
        const { localPath } = await upload(originals, { resourceType: 'raw', publicId }, publicId);
        assert.ok(localPath?.startsWith(directory + sep));
        assert.equal(await contentOf(originals, { resourceType: 'raw', publicId }), Buffer.from(publicId).toString());
      }),
      { numRuns: 40 },
    );
    assert.deepEqual(await readdir(parent), ['root']);
    const paths = (await filesIn(directory)).filter((path) => path !== 'safelight.json');
    for (const path of paths) {
      assert.match(path, /^assets\/[0-9a-f]{2}\/[0-9a-f]{62}\/(\d+\.json|[0-9a-f]{32}\.bytes)$/);
    }
  });

  it('has no bytes of removed, destroyed or moved versions', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory, maxVersions: 1 });
    for (const content of ['1', '2', '3']) await upload(originals, cat, content);
    assert.deepEqual(await bytesIn(directory), ['2', '3']);
    await originals.rename(cat, dog, { overwrite: false });
    assert.deepEqual(await bytesIn(directory), ['3']);
    await originals.destroy(dog);
    assert.deepEqual(await bytesIn(directory), []);
    // The highest number of each asset stays, so that it is not used again.
    assert.equal((await filesIn(directory)).filter((path) => /^assets.*json$/.test(path)).length, 2);
  });

  it('does not grow with the number of uploads, destroys and changes of facts', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    for (let round = 0; round < 5; round += 1) {
      for (const content of ['1', '2', '3', '4', '5', '6']) {
        await upload(originals, cat, content);
        for (const tag of ['a', 'b', 'c', 'd']) await originals.changeFacts(cat, () => ({ tags: [tag] }));
      }
      // For each of the four versions: its record, its bytes, its facts, and the facts before.
      assert.equal((await filesIn(join(directory, 'assets'))).length, 16);
      await originals.destroy(cat);
    }
    assert.equal((await filesIn(directory)).filter((path) => path !== 'safelight.json').length, 1);
  });

  it('has no file of an upload that was too large, aborted, broken off or discarded', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    await assert.rejects(originals.receive(chunks('12345'), { maxBytes: 4 }), { name: 'PayloadTooLargeError' });
    const signal = AbortSignal.abort();
    await assert.rejects(originals.receive(chunks('12'), { maxBytes: 4, signal }), { name: 'AbortError' });
    const leaving = new AbortController();
    const receiving = originals.receive(
      chunks('12', () => leaving.abort()),
      { maxBytes: 4, signal: leaving.signal },
    );
    await assert.rejects(receiving, { name: 'AbortError' });
    const cutOff = chunks('12', () => {
      throw new Error('cut off');
    });
    await assert.rejects(originals.receive(cutOff, { maxBytes: 4 }), { message: 'cut off' });
    await (await originals.receive(chunks('12'), { maxBytes: 4 })).discard();
    assert.deepEqual(await filesIn(directory), []);
  });

  it('loses files of killed processes after a day', async () => {
    const directory = await directoryInMemory();
    const { localPath } = await upload(fileOriginals({ directory }), cat, 'first');
    await writeFile(join(directory, 'tmp', 'killed.bytes'), 'half');
    await writeFile(join(dirname(localPath), `${'0'.repeat(32)}.bytes`), 'never published');
    await upload(fileOriginals({ directory }), cat, 'second');
    assert.deepEqual(await bytesIn(directory), ['first', 'half', 'never published', 'second']);
    const later = fileOriginals({ directory, clock: () => Date.now() + day + 60_000 });
    await upload(later, cat, 'last');
    assert.deepEqual(await bytesIn(directory), ['first', 'last', 'second']);
  });

  it('may be emptied, moved or lose its temporary folder under a running process', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    await upload(originals, cat, '1');
    await rm(join(directory, 'tmp'), { recursive: true });
    await upload(originals, cat, '2');
    await rm(join(directory, 'tmp'), { recursive: true });
    assert.equal(await originals.destroy(cat), true);
    await rm(directory, { recursive: true });
    assert.equal(await originals.find(cat), undefined);
    await upload(originals, cat, '3');
    await rename(directory, `${directory}-moved`);
    assert.equal(await contentOf(fileOriginals({ directory: `${directory}-moved` }), cat), '3');
    await rm(`${directory}-moved`, { recursive: true });
  });

  it('refuses an empty path, and an invalid number of versions', () => {
    assert.throws(() => fileOriginals({ directory: '' }), {
      name: 'TypeError',
      message: /directory is an empty string/,
    });
    for (const maxVersions of [-1, 1.5, Number.NaN]) {
      assert.throws(() => fileOriginals({ directory: 'x', maxVersions }), {
        name: 'RangeError',
        message: /maxVersions is .*; it must be a whole number, at least 0/,
      });
    }
  });
});

describe('a damaged directory of originals', () => {
  let directory: string;
  let originals: Originals;
  let older: OnDisk;
  let newer: OnDisk;

  beforeEach(async () => {
    directory = await directoryInMemory();
    originals = fileOriginals({ directory });
    older = await upload(originals, cat, 'older');
    newer = await upload(originals, cat, 'newer');
  });
  afterEach(removeTemporaryDirectories);

  const damages: Readonly<Record<string, () => Promise<void>>> = {
    'a torn record': () => truncate(recordOf(newer), 40),
    'an empty record': () => truncate(recordOf(newer)),
    'a record of another version': () => cp(recordOf(older), recordOf(newer)),
    'a record of another asset': async () => cp(recordOf(await upload(originals, dog, 'dog')), recordOf(newer)),
    'a link for a record': async () => {
      await rename(recordOf(newer), join(directory, 'elsewhere.json'));
      await symlink(join(directory, 'elsewhere.json'), recordOf(newer));
    },
    'a folder for a record': async () => {
      await rm(recordOf(newer));
      await mkdir(recordOf(newer));
    },
    'missing bytes': () => rm(newer.localPath),
    'torn bytes': () => truncate(newer.localPath, 2),
    'a link for bytes': async () => {
      await rename(newer.localPath, join(directory, 'elsewhere.bytes'));
      await symlink(join(directory, 'elsewhere.bytes'), newer.localPath);
    },
  };

  for (const [damage, inflict] of Object.entries(damages)) {
    it(`with ${damage} serves the version before, and never uses the number again`, async () => {
      await inflict();
      assert.equal(await contentOf(originals, cat), 'older');
      assert.equal(await originals.find(cat, newer.version), undefined);
      const next = await upload(originals, cat, 'next');
      assert.ok(next.version > newer.version);
      assert.equal(await contentOf(originals, cat), 'next');
      assert.equal(await originals.find(cat, newer.version), undefined);
    });
  }

  it('with only a torn record counts as empty, but never uses the number again', async () => {
    await rm(recordOf(older));
    await truncate(recordOf(newer), 10);
    assert.equal(await originals.find(cat), undefined);
    assert.equal(await originals.destroy(cat), false);
    assert.ok((await upload(originals, cat, 'next')).version > newer.version);
  });

  it('lists what can be delivered, and nothing of folders without an original', async () => {
    await truncate(recordOf(newer));
    await upload(originals, dog, 'dog');
    const bird = await upload(originals, { ...cat, publicId: 'bird' }, 'bird');
    await rm(recordOf(bird));
    const fish = await upload(originals, { ...cat, publicId: 'fish' }, 'fish');
    await truncate(recordOf(fish), 10);
    const cow = await upload(originals, { ...cat, publicId: 'cow' }, 'cow');
    await cp(dirname(cow.localPath), join(directory, 'assets', 'ab', 'f'.repeat(62)), { recursive: true });
    const fox = await upload(originals, { ...cat, publicId: 'fox' }, 'fox');
    await rename(dirname(fox.localPath), join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), dirname(fox.localPath));
    await mkdir(join(directory, 'assets', 'lost+found'));
    await writeFile(join(directory, 'assets', 'ff'), 'a file');
    const listed: string[] = [];
    for await (const { publicId, etag } of originals.list()) listed.push(`${publicId} ${etag === older.etag}`);
    assert.deepEqual(listed.sort(), ['cat true', 'cow false', 'dog false']);
  });

  it('with a link in place of a folder throws, and does not follow it', async () => {
    const folder = dirname(newer.localPath);
    await rename(folder, join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), folder);
    await assert.rejects(originals.find(cat), { message: /symbolic links .* are not followed/ });
    await assert.rejects(upload(originals, cat, 'next'), { message: /symbolic links .* are not followed/ });
  });

  it('does not follow a link that takes the place of bytes after they were found', async () => {
    const original = await originals.find(cat);
    await rename(newer.localPath, join(directory, 'elsewhere.bytes'));
    await symlink(join(directory, 'elsewhere.bytes'), newer.localPath);
    await assert.rejects(async () => original?.bytesOf(), { code: 'ELOOP' });
    await assert.rejects(async () => original?.stream().toArray(), { code: 'ELOOP' });
  });

  it('may itself be reached through a link', async () => {
    const link = join(await directoryInMemory(), 'link');
    await symlink(directory, link);
    assert.equal(await contentOf(fileOriginals({ directory: link }), cat), 'newer');
  });
});

type OnDisk = Original & { readonly localPath: string };

async function upload(originals: Originals, asset: AssetId, content: string): Promise<OnDisk> {
  const received = await originals.receive(chunks(content), { maxBytes: 10_000 });
  const original = await originals.publish(received, { ...asset, format: 'jpg' });
  assert.ok(original.localPath !== undefined);
  return { ...original, localPath: original.localPath };
}

async function* chunks(content: string, thenDo: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
  thenDo();
}

async function contentOf(originals: Originals, asset: AssetId): Promise<string | undefined> {
  return (await (await originals.find(asset))?.bytesOf())?.toString();
}

function recordOf({ localPath, version }: OnDisk): string {
  return join(dirname(localPath), `${version}.json`);
}

async function filesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}

async function bytesIn(directory: string): Promise<readonly string[]> {
  const paths = (await filesIn(directory)).filter((path) => basename(path).endsWith('.bytes'));
  return (await Promise.all(paths.map((path) => readFile(join(directory, path), 'utf8')))).sort();
}
