import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AssetId, Original, Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { objectKey } from '../src/asset-folder.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const dog: AssetId = { resourceType: 'image', publicId: 'dog' };

/** A record as the release before schema numbers wrote it, of a version whose bytes are "old". */
const unnumbered =
  '{"checksum":"fb521b427c33db22ca4d2c5dda625ebf050a6007b4ba0a8bc99a25024f75df69","record":{"resourceType":"image","publicId":"cat","version":1700000000,"floor":1700000000,"original":{"resourceType":"image","publicId":"cat","format":"jpg","version":1700000000,"versionId":"11111111111111111111111111111111","assetId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","bytes":3,"etag":"149603e6c03516362a8da23f624db945","createdAt":1700000000000}}}\n';

async function upload(
  originals: Originals,
  asset: AssetId,
  content: string,
): Promise<Original & { localPath: string }> {
  const received = await originals.receive(chunks(content), { maxBytes: 100 });
  const original = await originals.publish(received, { ...asset, format: 'jpg' });
  assert.ok(original.localPath);
  return { ...original, localPath: original.localPath };
}

async function* chunks(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

const contentOf = async (originals: Originals, asset: AssetId, version?: number) =>
  String(await (await originals.find(asset, version))?.bytesOf());

const recordPath = ({ localPath, version }: { readonly localPath: string; readonly version: number }) =>
  join(dirname(localPath), `${version}.json`);

/** Gives a record the number of another schema. @returns a function that restores the record */
async function writeSchema(path: string, schema: number): Promise<() => Promise<void>> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, JSON.stringify({ ...JSON.parse(text), schema }));
  return () => writeFile(path, text);
}

async function filesOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  );
}

describe('a folder of originals', () => {
  afterEach(removeTemporaryDirectories);

  it('has its schema from the first record on, and so does each record', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    const received = await originals.receive(chunks('1'), { maxBytes: 100 });
    assert.deepEqual(await readdir(directory), ['tmp']);
    const original = await originals.publish(received, { ...cat, format: 'jpg' });
    assert.equal(await readFile(join(directory, 'safelight.json'), 'utf8'), '{"schema":1}\n');
    await originals.destroy(cat);
    const folder = dirname(original.localPath ?? '');
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.json'))) {
      assert.equal(JSON.parse(await readFile(join(folder, name), 'utf8')).schema, 1);
    }
    assert.deepEqual(await readdir(join(directory, 'tmp')), []);
  });

  it('with an unknown schema is refused at creation, and not changed', async () => {
    const directory = await directoryInMemory();
    await upload(fileOriginals({ directory }), cat, '1');
    await writeFile(join(directory, 'safelight.json'), '{ "schema": 99, "since": "later" }');
    const before = await filesOf(directory);
    assert.throws(() => fileOriginals({ directory }), {
      name: 'UnknownSchemaError',
      message: `The folder of originals ${directory} (see safelight.json in it) has schema 99, but this release of Safelight knows only schema 1. Start the release that wrote it, or a later one, or choose another directory. Nothing in it has been changed.`,
    });
    assert.deepEqual(await filesOf(directory), before);
    for (const schema of [0, -1, 2]) {
      await writeFile(join(directory, 'safelight.json'), JSON.stringify({ schema }));
      assert.throws(() => fileOriginals({ directory }), { message: new RegExp(`has schema ${schema}, but`) });
    }
  });

  for (const text of ['', '\u0000\u0000', 'null', '[]', '{}', '{"schema":"1"}', '{"schema":1.5}', '{"schema":1']) {
    it(`with a file without a schema is refused at creation: ${JSON.stringify(text)}`, async () => {
      const directory = await directoryInMemory();
      await writeFile(join(directory, 'safelight.json'), text);
      assert.throws(() => fileOriginals({ directory }), {
        message: `${join(directory, 'safelight.json')} does not state the schema of the originals beside it: expected {"schema":1}, found ${JSON.stringify(text)}. Restore the file, or choose another directory.`,
      });
    });
  }

  it('with an unreadable file is refused at creation, with the reason', async () => {
    const directory = await directoryInMemory();
    const path = join(directory, 'safelight.json');
    await mkdir(path);
    assert.throws(() => fileOriginals({ directory }), {
      message: /safelight\.json.* cannot be read: EISDIR.*plain file/,
    });
    await rm(path, { recursive: true });
    await writeFile(join(directory, 'elsewhere'), '{"schema":1}');
    await symlink(join(directory, 'elsewhere'), path);
    assert.throws(() => fileOriginals({ directory }), { message: /cannot be read: ELOOP/ });
  });

  it('may get another schema while it is used: then it is still read, but not written', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    await upload(originals, cat, '1');
    await writeFile(join(directory, 'safelight.json'), '{"schema":2}');
    assert.equal(await contentOf(originals, cat), '1');
    const refused = { name: 'UnknownSchemaError', message: /has schema 2, but/ };
    await assert.rejects(upload(originals, cat, '2'), refused);
    await assert.rejects(upload(originals, dog, '2'), refused);
    await assert.rejects(originals.destroy(cat), refused);
    assert.equal(await contentOf(originals, cat), '1');
    assert.equal(await originals.find(dog), undefined);
  });

  it('gets its schema once when several processes write at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const directory = await directoryInMemory();
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
      await Promise.all(ids.map((publicId) => upload(fileOriginals({ directory }), { ...cat, publicId }, publicId)));
      assert.equal(await readFile(join(directory, 'safelight.json'), 'utf8'), '{"schema":1}\n');
      assert.deepEqual(await readdir(join(directory, 'tmp')), []);
      const originals = fileOriginals({ directory });
      for (const publicId of ids) assert.equal(await contentOf(originals, { ...cat, publicId }), publicId);
    }
  });
});

describe('a folder of the release before schema numbers', () => {
  let directory: string;
  let folder: string;

  beforeEach(async () => {
    directory = await directoryInMemory();
    folder = join(directory, 'assets', objectKey(cat));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '1700000000.json'), unnumbered);
    await writeFile(join(folder, `${'1'.repeat(32)}.bytes`), 'old');
  });

  afterEach(removeTemporaryDirectories);

  it('is read, and not written', async () => {
    const originals = fileOriginals({ directory });
    assert.equal(await contentOf(originals, cat), 'old');
    assert.equal(await contentOf(originals, cat, 1_700_000_000), 'old');
    assert.deepEqual(await readdir(directory), ['assets']);
  });

  it('continues its history, and gets its schema with the next upload', async () => {
    const originals = fileOriginals({ directory });
    const next = await upload(originals, cat, 'new');
    assert.ok(next.version > 1_700_000_000);
    assert.equal(next.assetId, 'a'.repeat(32));
    assert.equal(await contentOf(originals, cat), 'new');
    assert.equal(await contentOf(originals, cat, 1_700_000_000), 'old');
    assert.equal(await readFile(join(directory, 'safelight.json'), 'utf8'), '{"schema":1}\n');
    assert.equal(await readFile(join(folder, '1700000000.json'), 'utf8'), unnumbered);
    assert.equal(await originals.destroy(cat), true);
    assert.equal(await originals.find(cat), undefined);
    assert.equal(await originals.find(cat, 1_700_000_000), undefined);
  });

  it('moves its originals to other IDs', async () => {
    const originals = fileOriginals({ directory });
    await originals.rename(cat, dog, { overwrite: false });
    assert.equal(await contentOf(originals, dog), 'old');
    assert.equal(await originals.find(cat), undefined);
  });
});

describe('a record of a schema that this release does not know', () => {
  afterEach(removeTemporaryDirectories);

  it('counts neither as found nor as absent: no older version is served, and it is not overwritten', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    const [first, second] = [await upload(originals, cat, '1'), await upload(originals, cat, '2')];
    const restore = await writeSchema(recordPath(second), 7);
    const before = await filesOf(dirname(second.localPath));
    const refused = {
      name: 'UnknownSchemaError',
      message: `The record ${recordPath(second)} has schema 7, but this release of Safelight knows only schema 1. Start the release that wrote it, or a later one. Nothing in it has been changed.`,
    };
    await assert.rejects(originals.find(cat), refused);
    await assert.rejects(originals.find(cat, second.version), refused);
    // Its floor may hide the older one.
    await assert.rejects(originals.find(cat, first.version), refused);
    await assert.rejects(upload(originals, cat, '3'), refused);
    await assert.rejects(originals.destroy(cat), refused);
    await assert.rejects(originals.rename(cat, dog, { overwrite: true }), refused);
    assert.deepEqual(await filesOf(dirname(second.localPath)), before);
    await upload(originals, dog, 'dog');
    await assert.rejects(originals.rename(dog, cat, { overwrite: true }), refused);
    assert.equal(await contentOf(originals, dog), 'dog');
    await restore();
    assert.equal(await contentOf(originals, cat), '2');
  });

  it('does not affect newer versions that can be read', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    const [first, second] = [await upload(originals, cat, '1'), await upload(originals, cat, '2')];
    await writeSchema(recordPath(first), 7);
    assert.equal(await contentOf(originals, cat), '2');
    assert.equal(await contentOf(originals, cat, second.version), '2');
    await assert.rejects(originals.find(cat, first.version), { name: 'UnknownSchemaError' });
  });

  it('is distinguished from a damaged record, which counts as absent', async () => {
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    const [, second] = [await upload(originals, cat, '1'), await upload(originals, cat, '2')];
    const text = await readFile(recordPath(second), 'utf8');
    for (const schema of [null, '1', 1.5, [], {}]) {
      await writeFile(recordPath(second), JSON.stringify({ ...JSON.parse(text), schema }));
      assert.equal(await contentOf(originals, cat), '1', JSON.stringify(schema));
    }
  });
});
