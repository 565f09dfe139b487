import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileDerivatives } from '@safelight/originals';
import fc from 'fast-check';
import { derivativeFiles, pathOf } from './derivative-files.ts';
import { contentOf, eventually, large, scene, small, store } from './derivatives-scene.ts';
import { removeTemporaryDirectories } from './temporary-directory.ts';

describe('derivatives on disk and in memory', () => {
  afterEach(removeTemporaryDirectories);

  it('open a new derivative without a promise, the same object each time', async () => {
    const { derivatives } = await scene();
    const name = await store(derivatives, small, { type: 'image/png' });
    const found = derivatives.open(name);
    assert.ok(found !== undefined && !(found instanceof Promise));
    assert.deepEqual(found.body, small);
    assert.equal(derivatives.open(name), found);
  });

  it('open a derivative that was read from the disk without a promise, the same object for all', async () => {
    const { derivatives, restarted } = await scene();
    const name = await store(derivatives, small);
    const later = restarted();
    const [first, second] = await Promise.all([later.open(name), later.open(name)]);
    assert.ok(first);
    assert.equal(first, second);
    assert.equal(later.open(name), first);
  });

  it('hold at most hotBytes in memory', async () => {
    const { derivatives } = await scene({ hotBytes: 7000 });
    const names: string[] = [];
    for (let round = 0; round < 10; round += 1) names.push(await store(derivatives, small));
    const opened = names.map((name) => derivatives.open(name));
    assert.deepEqual(opened.map((found) => found instanceof Promise).slice(-4), [true, false, false, false]);
    for (const found of opened) assert.deepEqual(await contentOf(await found), small);
  });

  it('do not hold a large derivative in memory', async () => {
    const { derivatives } = await scene();
    const name = await store(derivatives, large);
    for (let round = 0; round < 2; round += 1) {
      const found = await derivatives.open(name);
      assert.equal(found?.body, undefined);
      assert.deepEqual(await contentOf(found), large);
    }
  });

  it('give exactly the bytes of any range', async () => {
    const { derivatives } = await scene({ hotBytes: 0 });
    const found = await derivatives.open(await store(derivatives, large));
    const position = fc.nat(large.length);
    await fc.assert(
      fc.asyncProperty(position, position, async (start, end) => {
        const chunks = await found?.read(start, end).toArray();
        assert.deepEqual(Buffer.concat(chunks ?? []), large.subarray(start, Math.max(start, end)));
      }),
    );
    found?.release();
  });

  it('leave no temporary file, stored or not', async () => {
    const { derivatives, directory } = await scene();
    for (const how of ['store', 'fail', 'discard'] as const) {
      const draft = derivatives.create();
      const reader = draft.read();
      await draft.write(large);
      reader?.destroy();
      if (how === 'fail') draft.fail(new Error('aborted'));
      else draft.end();
      if (how === 'discard') draft.discard();
      await draft.store({});
    }
    await eventually(async () => (await derivativeFiles(directory)).temporary.length === 0);
    assert.equal((await derivativeFiles(directory)).names.length, 1);
  });

  it('leave no file open after the last reader', async function () {
    const { derivatives, directory, restarted } = await scene();
    const openFiles = async (): Promise<readonly string[]> => {
      const targets = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      return (await Promise.all(targets)).filter((target) => target.startsWith(directory));
    };
    if (process.platform !== 'linux') this.skip();
    const [name, damaged] = [await store(derivatives, large), await store(derivatives, large)];
    const bytes = await readFile(pathOf(directory, damaged));
    await writeFile(pathOf(directory, damaged), bytes.fill(0, 0, 1000));
    assert.equal(await restarted().open(damaged), undefined);
    await restarted().open(await store(derivatives, small));
    const [found, other] = [await restarted().open(name), await derivatives.open(name)];
    const [read, unfinished, unread] = [found?.read(), found?.read(), other?.read()];
    other?.release();
    found?.release();
    found?.release();
    // A fixed number of turns, because garbage collection also closes forgotten files.
    for (let turn = 0; turn < 50; turn += 1) await setImmediate();
    assert.equal((await openFiles()).length, 2);
    assert.deepEqual(Buffer.concat((await read?.toArray()) ?? []), large);
    unfinished?.once('data', () => unfinished.destroy());
    unread?.destroy();
    await eventually(async () => (await openFiles()).length === 0);
  });

  it('are delivered, and not stored, after an error of the disk', async () => {
    const { derivatives, directory, errors } = await scene();
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'tmp'), 'a file in place of the folder of drafts');
    for (const content of [small, large]) {
      const draft = derivatives.create();
      const reader = draft.read();
      const writing = (async () => {
        for (let at = 0; at < content.length; at += 20_000) await draft.write(content.subarray(at, at + 20_000));
        draft.end();
      })();
      assert.deepEqual(Buffer.concat((await reader?.toArray()) ?? []), content);
      await writing;
      assert.equal(await draft.store({}), undefined);
    }
    assert.deepEqual(
      errors.map((error) => (error as NodeJS.ErrnoException).code),
      ['ENOTDIR', 'ENOTDIR'],
    );
  });

  it('are stored again after the directory was removed', async () => {
    const { derivatives, directory, restarted } = await scene();
    const names: string[] = [];
    for (let round = 0; round < 30; round += 1) names.push(await store(derivatives, large));
    await rm(directory, { recursive: true });
    for (const name of names) assert.equal(await derivatives.open(name), undefined);
    for (let round = 0; round < 30; round += 1) {
      const name = await store(derivatives, large);
      assert.deepEqual(await contentOf(await restarted().open(name)), large);
    }
  });

  it('are not stored with a head that is too large', async () => {
    const { derivatives, errors } = await scene();
    const draft = derivatives.create();
    draft.end();
    assert.equal(await draft.store({ padding: 'x'.repeat(70_000) }), undefined);
    assert.match(String(errors), /The head of a derivative takes 70\d+ bytes as JSON, which is more than 65536/);
  });

  for (const [directory, shown] of [
    ['', 'an empty string'],
    [undefined, 'undefined'],
    [7, '7'],
  ] as const) {
    it(`refuse as directory: ${JSON.stringify(directory)}`, () => {
      assert.throws(() => fileDerivatives({ directory: directory as string }), {
        name: 'TypeError',
        message: `fileDerivatives(): directory is ${shown}; it must be the path of a folder, such as 'data/derivatives'.`,
      });
    });
  }

  for (const [option, min] of Object.entries({ maxBytes: 4096, hotBytes: 0, maxHotEntryBytes: 0 })) {
    for (const bytes of [min - 1, 5000.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`refuse ${option}: ${bytes}`, () => {
        assert.throws(() => fileDerivatives({ directory: 'data', [option]: bytes }), {
          name: 'RangeError',
          message: `fileDerivatives(): ${option} is ${bytes}; it must be a whole number of bytes, at least ${min}.`,
        });
      });
    }
  }
});
