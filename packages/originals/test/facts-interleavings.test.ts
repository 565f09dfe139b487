import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AssetId, Original, Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { repetitionsOfRun } from '../../../test/servers/cases-of-run.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const dog: AssetId = { resourceType: 'image', publicId: 'dog' };
const day = 24 * 60 * 60 * 1000;
/** A longer run kills at each step, a short one at each seventh. */
const everySteps = process.env['SAFELIGHT_LONG'] === '1' ? 1 : repetitionsOfRun({ first: 21, all: 7 });
const script = fileURLToPath(new URL('change-facts.ts', import.meta.url));

/** Another process changes facts or renames while this process stands between two steps. */
function elsewhere(...args: readonly string[]): readonly string[] {
  const output = execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }).trim();
  return output === '' ? [] : output.split('\n');
}

const addTag = (originals: Originals, tag: string, asset = cat) =>
  originals.changeFacts(asset, ({ tags = [], ...facts }) => ({ ...facts, tags: [...tags, tag] }));

async function upload(originals: Originals, content = 'meow', tags: readonly string[] = []): Promise<Original> {
  async function* chunks() {
    yield Buffer.from(content);
  }
  const received = await originals.receive(chunks(), { maxBytes: 1000 });
  return originals.publish(received, { ...cat, format: 'jpg', tags });
}

describe('facts that change between two steps of a writer', () => {
  let directory: string;
  let originals: Originals;
  beforeEach(async () => {
    directory = await directoryInMemory();
    originals = fileOriginals({ directory });
  });
  afterEach(removeTemporaryDirectories);

  const tagsOf = async (asset = cat) => (await originals.find(asset))?.tags ?? [];
  const factsFiles = async ({ localPath }: Original) =>
    (await readdir(dirname(localPath ?? ''))).filter((name) => /^(facts|moving)-/.test(name));

  /** Adds the tag "here"; `meanwhile` runs between reading and writing, once. */
  async function addWhile(meanwhile: () => void): Promise<{ readonly changed: Original | undefined; calls: number }> {
    let calls = 0;
    const changed = await originals.changeFacts(cat, ({ tags = [] }) => {
      calls += 1;
      if (calls === 1) meanwhile();
      return { tags: [...tags, 'here'] };
    });
    return { changed, calls };
  }

  it('are read again', async () => {
    await upload(originals);
    const { calls } = await addWhile(() => elsewhere('tags', directory, 'cat', 'there'));
    assert.deepEqual(await tagsOf(), ['there-0', 'here']);
    assert.equal(calls, 2);
  });

  it('are read again when the number is free again, since its record was replaced and removed', async () => {
    await upload(originals);
    const { calls } = await addWhile(() => elsewhere('tags', directory, 'cat', 'there', '6'));
    assert.deepEqual(await tagsOf(), ['there-0', 'there-1', 'there-2', 'there-3', 'there-4', 'there-5', 'here']);
    assert.equal(calls, 2);
  });

  it('are those of the new version after an upload', async () => {
    await upload(originals, 'old', ['old']);
    await addTag(originals, 'first');
    let uploading: Promise<Original> | undefined;
    const received = await originals.receive(
      (async function* () {
        yield Buffer.from('new');
      })(),
      { maxBytes: 10 },
    );
    await originals.changeFacts(cat, ({ tags = [] }) => {
      // It runs while the change waits for the disk.
      uploading ??= originals.publish(received, { ...cat, format: 'jpg', tags: ['new'] });
      return { tags: [...tags, 'here'] };
    });
    await uploading;
    const { tags = [] } = (await originals.find(cat)) ?? {};
    assert.ok(['new', 'new,here'].includes(tags.join()), tags.join());
  });

  it('are not confirmed when the asset was renamed away or destroyed meanwhile', async () => {
    await upload(originals);
    assert.equal((await addWhile(() => elsewhere('rename', directory, 'cat', 'dog'))).changed, undefined);
    assert.deepEqual(await tagsOf(dog), []);
    assert.equal(await originals.find(cat), undefined);
  });

  it('are not lost by a rename that has read them already', async () => {
    const before = await upload(originals);
    await addTag(originals, 'before');
    let there: readonly string[] = [];
    const clock = (): number => {
      if (there.length === 0) there = elsewhere('tags', directory, 'cat', 'there');
      return Date.now();
    };
    const renamed = await fileOriginals({ directory, clock }).rename(cat, dog, { overwrite: false });
    assert.ok(typeof renamed === 'object');
    assert.deepEqual(there, ['there-0']);
    assert.deepEqual(renamed.tags, ['before', 'there-0']);
    assert.deepEqual(await tagsOf(dog), ['before', 'there-0']);
    assert.equal(await originals.find(cat), undefined);
    assert.deepEqual(await factsFiles(before), []);
    assert.equal(renamed.assetId, before.assetId);
    assert.equal(renamed.createdAt, before.createdAt);
  });

  it('lose nothing while processes change them, rename there and back, and restore', async function () {
    this.timeout(60_000);
    await upload(originals);
    const run = async (...args: readonly string[]): Promise<readonly string[]> => {
      const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      assert.equal(code, 0);
      return output.trim().split('\n').filter(Boolean);
    };
    const outputs = await Promise.all([
      run('rename', directory, 'cat', 'dog', '25'),
      run('tags', directory, 'cat', 'a', '60'),
      run('tags', directory, 'cat', 'b', '60'),
    ]);
    const confirmed = outputs.flat();
    const tags = await tagsOf();
    assert.deepEqual(
      confirmed.filter((tag) => !tags.includes(tag)),
      [],
    );
    assert.ok(confirmed.length > 0, `only ${confirmed.length} changes were confirmed`);
  });
});

describe(`a process that is killed at any step (each of ${everySteps})`, () => {
  afterEach(removeTemporaryDirectories);

  const commands: Readonly<Record<string, readonly string[]>> = {
    'changes facts': ['tags', 'cat', 'killed'],
    renames: ['rename', 'cat', 'dog'],
    restores: ['restore', 'cat'],
  };
  for (const [what, [command = '', ...args]] of Object.entries(commands)) {
    it(`while it ${what} leaves the facts of before or after, and others go on`, async function () {
      this.timeout(120_000);
      const prepared = await directoryInMemory();
      const first = fileOriginals({ directory: prepared });
      await upload(first, 'older', ['older']);
      await upload(first);
      for (const tag of ['1', '2', '3']) await addTag(first, tag);
      let killAt = 1;
      for (; ; killAt += everySteps) {
        const directory = await directoryInMemory();
        await cp(prepared, directory, { recursive: true });
        const env = { ...process.env, KILL_AT: String(killAt) };
        const { signal, stdout } = spawnSync(process.execPath, [script, command, directory, ...args], {
          encoding: 'utf8',
          env,
        });
        const originals = fileOriginals({ directory });
        const asset = (await originals.find(cat)) ? cat : dog;
        const before = (await originals.find(asset))?.tags?.join();
        const allowed = command === 'restore' ? ['1,2,3', 'older'] : ['1,2,3', '1,2,3,killed-0'];
        assert.ok(allowed.includes(before ?? ''), `${before} after a kill at step ${killAt}`);
        if (stdout !== '') assert.equal(before, '1,2,3,killed-0');
        assert.equal((await addTag(originals, 'next', asset))?.tags?.join(), `${before},next`);
        if (asset === cat) assert.ok(typeof (await originals.rename(cat, dog, { overwrite: true })) === 'object');
        assert.equal((await originals.find(dog))?.tags?.join(), `${before},next`);
        const later = fileOriginals({ directory, clock: () => Date.now() + 2 * day });
        await later.receive((async function* () {})(), { maxBytes: 1 });
        assert.equal(await later.destroy(dog), true);
        await later.destroy(cat);
        const names = await readdir(directory, { recursive: true });
        assert.deepEqual(
          names.filter((name) => /(facts|moving)-|\.bytes$/.test(name) && !name.startsWith('tmp')),
          [],
        );
        await rm(directory, { recursive: true });
        if (signal === null) break;
        assert.equal(signal, 'SIGKILL');
      }
      assert.ok(killAt > 15, `only ${killAt} steps`);
    });
  }
});

describe('damaged facts', () => {
  let directory: string;
  let originals: Originals;
  let newest: string;
  beforeEach(async () => {
    directory = await directoryInMemory();
    originals = fileOriginals({ directory });
    const { localPath = '' } = await upload(originals, 'meow', ['uploaded']);
    for (const tag of ['1', '2', '3']) await addTag(originals, tag);
    const names = (await readdir(dirname(localPath))).filter((name) => name.startsWith('facts-')).sort();
    assert.equal(names.length, 2);
    newest = join(dirname(localPath), names[1] ?? '');
  });
  afterEach(removeTemporaryDirectories);

  it('count as absent, and their number is not used again', async () => {
    await truncate(newest, 20);
    assert.deepEqual((await originals.find(cat))?.tags, ['uploaded', '1', '2']);
    assert.deepEqual((await addTag(originals, '4'))?.tags, ['uploaded', '1', '2', '4']);
    assert.deepEqual((await fileOriginals({ directory }).find(cat))?.tags, ['uploaded', '1', '2', '4']);
  });

  it('of a schema that this release does not know count neither as found nor as absent', async () => {
    const content = await readFile(newest, 'utf8');
    await writeFile(newest, JSON.stringify({ ...JSON.parse(content), schema: 7 }));
    const refused = { name: 'UnknownSchemaError', message: /^The record .*facts-.* has schema 7, but/ };
    await assert.rejects(originals.find(cat), refused);
    await assert.rejects(addTag(originals, '4'), refused);
    await assert.rejects(originals.rename(cat, dog, { overwrite: false }), refused);
    await writeFile(newest, content);
    assert.deepEqual((await originals.find(cat))?.tags, ['uploaded', '1', '2', '3']);
  });
});
