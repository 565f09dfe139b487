import assert from 'node:assert/strict';
import { access, readFile, writeFile } from 'node:fs/promises';
import { derivativeFiles, pathOf } from './derivative-files.ts';
import { contentOf, eventually, isThere, large, minuteMs, scene, small, store } from './derivatives-scene.ts';
import { removeTemporaryDirectories } from './temporary-directory.ts';

/** Writes the number of a format into a file's footer. @returns the new content of the file */
async function writeFormat(path: string, number: string): Promise<Buffer> {
  const content = await readFile(path);
  const at = content.length - 44;
  assert.equal(content.toString('latin1', at, at + 7), 'SLderiv');
  content.write(number, at + 7, 'latin1');
  await writeFile(path, content);
  return content;
}

describe('a derivative of another format', () => {
  afterEach(removeTemporaryDirectories);

  for (const [size, content] of Object.entries({ small, large })) {
    it(`is absent, and neither removed nor reported: another release uses it (${size})`, async () => {
      const { derivatives, directory, restarted, errors } = await scene();
      const name = await store(derivatives, content);
      const path = pathOf(directory, name);
      const written = await writeFormat(path, '3');
      const later = restarted();
      for (let time = 0; time < 2; time += 1) assert.equal(await later.open(name), undefined);
      assert.deepEqual(await readFile(path), written);
      await writeFormat(path, '2');
      assert.deepEqual(await contentOf(await later.open(name)), content);
      assert.deepEqual(errors, []);
    });
  }

  it('counts for the bound, and is evicted like other files', async () => {
    const { derivatives, directory, restarted, time, errors } = await scene({ maxBytes: 5 * 4096 });
    const old = await store(derivatives, small);
    await writeFormat(pathOf(directory, old), '9');
    const later = restarted();
    assert.equal(await isThere(later, old), false);
    for (let count = 0; count < 5; count += 1) {
      time.nowMs += minuteMs;
      await store(later, small);
    }
    await eventually(async () => (await derivativeFiles(directory)).names.length === 5);
    await assert.rejects(access(pathOf(directory, old)));
    assert.deepEqual(errors, []);
  });
});
