import assert from 'node:assert/strict';
import { mkdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { derivativeFiles, pathOf } from './derivative-files.ts';
import { eventually, isThere, large, minuteMs, scene, small, store } from './derivatives-scene.ts';
import { seededBytes } from './seeded-bytes.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

/** Each small derivative takes one block of the disk. */
const blockBytes = 4096;
const threeSmall = { maxBytes: 3 * blockBytes };

describe('the bound of derivatives on disk', () => {
  afterEach(removeTemporaryDirectories);

  async function lastUse(directory: string, name: string): Promise<number> {
    return Math.round((await stat(pathOf(directory, name))).mtimeMs);
  }

  it('evicts the derivative that was least recently used before a restart', async () => {
    const { derivatives, directory, restarted, time } = await scene(threeSmall);
    const names: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      names.push(await store(derivatives, small));
      time.nowMs += 1000;
    }
    const [first = '', second = '', third = ''] = names;
    time.nowMs += minuteMs;
    assert.ok(derivatives.open(first));
    await eventually(async () => (await lastUse(directory, first)) === time.nowMs);
    const later = restarted();
    const fourth = await store(later, small);
    const there = await Promise.all([first, second, third, fourth].map((name) => isThere(later, name)));
    assert.deepEqual(there, [true, false, true, true]);
  });

  for (const [what, hotBytes] of Object.entries({ 'in memory': 1_000_000, 'on disk': 0 })) {
    it(`writes a use to the disk once a minute: ${what}`, async () => {
      const { derivatives, directory, time } = await scene({ hotBytes });
      const cachedAt = time.nowMs;
      const name = await store(derivatives, small);
      for (let second = 1; second < 60; second += 1) {
        time.nowMs = cachedAt + second * 1000;
        await derivatives.open(name);
      }
      assert.equal(await lastUse(directory, name), cachedAt);
      time.nowMs = cachedAt + minuteMs;
      await derivatives.open(name);
      await eventually(async () => (await lastUse(directory, name)) === cachedAt + minuteMs);
    });
  }

  it('is never exceeded, and is used', async () => {
    const maxBytes = 300_000;
    const { derivatives, directory } = await scene({ maxBytes });
    let maxUsed = 0;
    for (let round = 0; round < 80; round += 1) {
      await store(derivatives, seededBytes(round, (round * 7919) % 90_000));
      const { bytes } = await derivativeFiles(directory);
      assert.ok(bytes <= maxBytes, `${bytes} bytes are on the disk`);
      maxUsed = Math.max(maxUsed, bytes);
    }
    assert.ok(maxUsed > maxBytes / 2);
  });

  it('is not exceeded when many are stored at the same time', async () => {
    const { derivatives, directory } = await scene({ maxBytes: 250_000 });
    await Promise.all(Array.from({ length: 40 }, (_, seed) => store(derivatives, seededBytes(seed, 30_000))));
    const { bytes, names } = await derivativeFiles(directory);
    assert.ok(bytes <= 250_000);
    assert.equal(names.length, 7);
  });

  it('is reached at the first use after it was lowered', async () => {
    const { derivatives, directory, restarted, time } = await scene();
    const names: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      names.push(await store(derivatives, small));
      time.nowMs += 1000;
    }
    const later = restarted(threeSmall);
    await later.open(names[9] ?? '');
    await eventually(async () => (await derivativeFiles(directory)).names.length === 3);
    assert.deepEqual((await derivativeFiles(directory)).names.toSorted(), names.slice(-3).toSorted());
  });

  it('is exceeded by at most five percent for each process', async () => {
    const maxBytes = 4_000_000;
    const { derivatives, directory, restarted } = await scene({ maxBytes });
    const processes = [derivatives, restarted(), restarted()];
    for (let round = 0; round < 300; round += 1) {
      const process = processes[round % 7 === 0 ? 0 : round % 3] ?? derivatives;
      await store(process, seededBytes(round, 30_000));
      if (round % 20 !== 0) continue;
      const { bytes } = await derivativeFiles(directory);
      assert.ok(bytes <= maxBytes * 1.15, `${bytes} bytes are on the disk`);
    }
  });

  it('treats a file that another process has evicted as absent', async () => {
    const { derivatives, restarted, errors } = await scene({ ...threeSmall, hotBytes: 0 });
    const other = restarted();
    const names = [await store(derivatives, small), await store(derivatives, small), await store(derivatives, small)];
    for (let round = 0; round < 3; round += 1) await store(other, small);
    for (const name of names) assert.equal(await derivatives.open(name), undefined);
    await store(derivatives, small);
    assert.deepEqual(errors, []);
  });

  it('uses the room of a file that another process has removed', async () => {
    const { derivatives, restarted } = await scene(threeSmall);
    const names = [await store(derivatives, small), await store(derivatives, small), await store(derivatives, small)];
    await restarted().remove(names[2] ?? '');
    names.push(await store(derivatives, small));
    const later = restarted();
    const there = await Promise.all(names.map((name) => isThere(later, name)));
    assert.deepEqual(there, [true, true, false, true]);
  });

  it('does not evict a file that another process has used', async () => {
    const { derivatives, directory, restarted, time } = await scene({ ...threeSmall, hotBytes: 0 });
    const names = [await store(derivatives, small), await store(derivatives, small), await store(derivatives, small)];
    time.nowMs += minuteMs;
    const other = restarted();
    const [first = ''] = names;
    assert.equal(await isThere(other, first), true);
    await eventually(async () => (await lastUse(directory, first)) === time.nowMs);
    await store(derivatives, small);
    assert.deepEqual(await Promise.all(names.map((name) => isThere(other, name))), [true, false, true]);
  });

  it('never removes files with other names', async () => {
    const { derivatives, directory } = await scene(threeSmall);
    const elsewhere = await directoryInMemory();
    const inside = 'f'.repeat(30);
    await mkdir(join(directory, 'ab', inside), { recursive: true });
    const foreign = [
      join(directory, 'notes.txt'),
      join(directory, 'ab', 'picture.jpg'),
      join(directory, 'ab', inside, 'deep'),
      join(elsewhere, inside),
    ];
    for (const path of foreign) await writeFile(path, large);
    await symlink(elsewhere, join(directory, 'cd'));
    const there: boolean[] = [];
    const names: (string | undefined)[] = [];
    for (let round = 0; round < 20; round += 1) {
      const draft = derivatives.create();
      draft.write(small);
      draft.end();
      // A derivative whose name begins with that of the link is not stored.
      names.push(await draft.store({}));
    }
    for (const name of names) there.push(await isThere(derivatives, name ?? ''));
    assert.equal(there.filter(Boolean).length, 3);
    for (const path of foreign) assert.equal((await stat(path)).size, large.length);
  });
});

describe('a draft of a killed process', () => {
  afterEach(removeTemporaryDirectories);

  it('is removed after an hour, and no other file is', async () => {
    const { derivatives, directory, restarted, time } = await scene();
    const draft = derivatives.create();
    await draft.write(large);
    await eventually(async () => (await derivativeFiles(directory)).temporary.length === 1);
    const [leftover = ''] = (await derivativeFiles(directory)).temporary;
    const foreign = join(directory, 'tmp', 'notes.txt');
    await writeFile(foreign, 'not ours');
    await utimes(foreign, 1, 1);
    const { mtimeMs } = await stat(leftover);

    time.nowMs = mtimeMs + 60 * minuteMs;
    await store(restarted(), small);
    assert.deepEqual((await derivativeFiles(directory)).temporary.toSorted(), [leftover, foreign].toSorted());

    time.nowMs += 1000;
    await store(restarted(), small);
    assert.deepEqual((await derivativeFiles(directory)).temporary, [foreign]);
    draft.fail(new Error('the end of the test'));
  });
});
