import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileDerivatives } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

describe('the place of a folder of derivatives', () => {
  afterEach(removeTemporaryDirectories);
  const placeOf = (directory: string, errors: unknown[] = []) =>
    fileDerivatives({ directory, onError: (error) => errors.push(error) }).place;

  it('is the same for all processes that share the folder, and after a restart', async () => {
    const directory = join(await directoryInMemory(), 'not', 'created', 'yet');
    const place = placeOf(directory);
    assert.match(place ?? '', /^[\w-]{16}$/);
    assert.equal(placeOf(directory), place);
    assert.equal((await readFile(join(directory, 'place'), 'utf8')).trim(), place);
    assert.deepEqual(await readdir(directory), ['place']);
  });

  it('is another one for another folder', async () => {
    assert.notEqual(placeOf(await directoryInMemory()), placeOf(await directoryInMemory()));
  });

  it('is not read from the folder before it is needed', async () => {
    const directory = join(await directoryInMemory(), 'later');
    fileDerivatives({ directory });
    await assert.rejects(readdir(directory), { code: 'ENOENT' });
  });

  it('replaces a damaged file', async () => {
    const directory = await directoryInMemory();
    await writeFile(join(directory, 'place'), '');
    const place = placeOf(directory);
    assert.equal(placeOf(directory), place);
  });

  it('is one of this process when the file cannot be used, which is reported once', async () => {
    const directory = await directoryInMemory();
    await mkdir(join(directory, 'place'));
    const errors: unknown[] = [];
    const derivatives = fileDerivatives({ directory, onError: (error) => errors.push(error) });
    assert.match(derivatives.place ?? '', /^[\w-]{16}$/);
    assert.equal(derivatives.place, derivatives.place);
    assert.equal(errors.length, 1);
  });
});
