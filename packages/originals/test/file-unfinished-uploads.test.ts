import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnfinishedUploads, UploadName, UploadPart } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const film: UploadName = { key: 'ab'.repeat(32), sender: '0123456789abcdef' };
const facts = { resourceType: 'raw', publicId: 'film', client: 'c1' } as const;
const day = 24 * 60 * 60 * 1000;

describe('unfinished uploads on the disk', () => {
  let directory: string;
  let originals: ReturnType<typeof fileOriginals>;
  let unfinished: UnfinishedUploads;
  const folder = () => join(directory, 'unfinished', film.key, film.sender);

  beforeEach(async () => {
    directory = await directoryInMemory();
    originals = fileOriginals({ directory });
    assert.ok(originals.unfinished);
    unfinished = originals.unfinished;
  });

  afterEach(removeTemporaryDirectories);

  async function add(start: number, content: string, publicId = 'film', place = unfinished) {
    const received = await originals.receive([Buffer.from(content)] as never, { maxBytes: 100 });
    const part: UploadPart = { start, end: start + content.length, total: 6, etag: md5(content) };
    return place.add(film, { facts: { ...facts, publicId }, part, received, usedAt: Date.now() });
  }

  async function content(): Promise<string> {
    const chunks: Uint8Array[] = [];
    for (const part of (await unfinished.read(film))?.parts ?? []) {
      for await (const chunk of unfinished.bytesOf(film, part)) chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }

  it('stay when the folder of temporary files is swept', async () => {
    await add(0, 'abc');
    const later = fileOriginals({ directory, clock: () => Date.now() + 2 * day });
    const received = await later.receive([Buffer.from('x')] as never, { maxBytes: 1 });
    await received.discard();
    assert.deepEqual(await readdir(join(directory, 'tmp')), []);
    assert.equal(await content(), 'abc');
  });

  it('have nothing in the folder of temporary files', async () => {
    await add(0, 'abc');
    await add(0, 'abc');
    await unfinished.settle(film, 'done', Date.now());
    await unfinished.remove(film);
    assert.deepEqual(await readdir(join(directory, 'tmp')), []);
    assert.deepEqual(await readdir(join(directory, 'unfinished')), ['removed']);
  });

  it('remove a damaged part when it is read, so that it can be sent again', async () => {
    await add(0, 'abc');
    await add(3, 'def');
    const [name = ''] = (await readdir(folder())).filter((entry) => entry.startsWith('3-'));
    await writeFile(join(folder(), name), 'dxf');
    await assert.rejects(content(), /^Error: Bytes 3 to 6 of an unfinished upload were damaged on the disk/);
    assert.deepEqual(
      (await unfinished.read(film))?.parts.map(({ start }) => start),
      [0],
    );
    await add(3, 'def');
    assert.equal(await content(), 'abcdef');
  });

  it('add nothing that contradicts what another process has added at the same time', async () => {
    const other = fileOriginals({ directory }).unfinished;
    assert.ok(other);
    await add(0, 'abc');
    assert.equal(await add(1, 'xy', 'film', other), undefined);
    assert.equal(await add(3, 'def', 'another', other), undefined);
    assert.equal(await content(), 'abc');
    await unfinished.settle(film, 'done', Date.now());
    assert.equal(await add(3, 'def', 'film', other), undefined);
    assert.deepEqual((await readdir(folder())).sort(), ['outcome.json', 'upload.json']);
  });

  it('return the received bytes of a part that was not added', async () => {
    await add(0, 'abc');
    const received = await originals.receive([Buffer.from('xy')] as never, { maxBytes: 100 });
    const part: UploadPart = { start: 1, end: 3, total: 6, etag: md5('xy') };
    assert.equal(await unfinished.add(film, { facts, part, received, usedAt: Date.now() }), undefined);
    await originals.publish(received, { resourceType: 'raw', publicId: 'xy', format: '' });
    assert.equal((await (await originals.find({ resourceType: 'raw', publicId: 'xy' }))?.bytesOf())?.toString(), 'xy');
  });

  it('have no parts that a killed process has left of a removed upload', async () => {
    await add(0, 'abc');
    await mkdir(join(directory, 'unfinished', 'removed'));
    await rename(folder(), join(directory, 'unfinished', 'removed', 'killed'));
    assert.deepEqual([await unfinished.read(film), await unfinished.list()], [undefined, []]);
    assert.deepEqual(await readdir(join(directory, 'unfinished', 'removed')), []);
  });

  it('have no bytes that a killed process has left after the outcome', async () => {
    await add(0, 'abcdef');
    const [name = ''] = (await readdir(folder())).filter((entry) => entry.endsWith('.part'));
    await unfinished.settle(film, 'done', Date.now());
    await writeFile(join(folder(), name), 'abcdef');
    assert.deepEqual(
      (await unfinished.list()).map(({ bytes, isSettled }) => [bytes, isSettled]),
      [[0, true]],
    );
    assert.deepEqual((await readdir(folder())).sort(), ['outcome.json', 'upload.json']);
  });

  for (const text of ['', '{"schema":1,', '{"schema":2,"facts":{}}', 'null']) {
    it(`begin anew when their facts are ${text === '' ? 'empty' : text}, and count until they are removed`, async () => {
      await mkdir(folder(), { recursive: true });
      await writeFile(join(folder(), 'upload.json'), text);
      assert.equal(await unfinished.read(film), undefined);
      assert.deepEqual(
        (await unfinished.list()).map(({ client }) => client),
        [undefined],
      );
      assert.equal((await add(0, 'abc'))?.parts.length, 1);
      assert.equal(await content(), 'abc');
    });
  }

  it('count a folder without facts, which a killed process has left', async () => {
    await mkdir(folder(), { recursive: true });
    const [use] = await unfinished.list();
    assert.deepEqual([use?.client, use?.partCount, use?.bytes], [undefined, 0, 0]);
    assert.ok(Math.abs(Date.now() - (use?.usedAt ?? 0)) < day);
    await unfinished.remove(film);
    assert.deepEqual(await unfinished.list(), []);
  });

  it('are not read or written through a symbolic link', async () => {
    const elsewhere = await directoryInMemory();
    await mkdir(join(directory, 'unfinished', film.key), { recursive: true });
    await symlink(elsewhere, folder());
    await assert.rejects(unfinished.read(film), /symbolic links inside the directory of originals are not followed/);
    await assert.rejects(add(0, 'abc'));
    assert.deepEqual(await readdir(elsewhere), []);
  });

  it('refuse names that lead out of the directory', async () => {
    for (const name of [
      { key: '..', sender: film.sender },
      { key: film.key, sender: '../../..' },
    ]) {
      await assert.rejects(async () => unfinished.read(name), /^TypeError: The name of an unfinished upload must be/);
    }
    await assert.rejects(unfinished.find('..'), TypeError);
  });

  it('survive that their folder vanishes', async () => {
    await add(0, 'abc');
    await rm(join(directory, 'unfinished'), { recursive: true });
    assert.equal(await unfinished.read(film), undefined);
    await unfinished.settle(film, 'done', Date.now());
    await unfinished.remove(film);
    await add(0, 'abc');
    assert.equal(await content(), 'abc');
  });
});

function md5(content: string): string {
  return createHash('md5').update(content).digest('hex');
}
