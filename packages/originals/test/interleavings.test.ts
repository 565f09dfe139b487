import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AssetId } from '@safelight/core';
import { assetFolder } from '../src/asset-folder.ts';
import { fileOriginals } from '../src/file-originals.ts';
import { findVersion } from '../src/find-version.ts';
import { publishGone, publishUpload } from '../src/publish-record.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const dog: AssetId = { resourceType: 'image', publicId: 'dog' };
const script = fileURLToPath(new URL('publish-in-a-loop.ts', import.meta.url));
const fields = { assetId: 'a'.repeat(32), etag: 'e'.repeat(32), createdAt: 0 };

/** Another process publishes several times while this process stands between two steps. */
function publishElsewhere(directory: string, asset: AssetId, times: number): readonly number[] {
  const output = execFileSync(process.execPath, [script, directory, asset.publicId, String(times), '0'], {
    encoding: 'utf8',
  });
  return output.trim().split('\n').slice(1).map(Number.parseFloat);
}

describe('a change between two steps of a writer', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await directoryInMemory();
  });
  afterEach(removeTemporaryDirectories);

  it('does not let a stalled writer use a number again that was removed meanwhile', async () => {
    const source = join(directory, 'source');
    await writeFile(source, 'late');
    const folder = assetFolder(directory, cat);
    const elsewhere: number[] = [];
    const chosen: number[] = [];
    const recordOf = (_known: unknown, ids: { readonly version: number; readonly versionId: string }) => {
      chosen.push(ids.version);
      if (elsewhere.length === 0) elsewhere.push(...publishElsewhere(directory, cat, 3));
      return { ...cat, ...fields, ...ids, format: 'jpg', bytes: 4 };
    };
    // The next number. The other process takes it for its first version, and removes that version again.
    const clock = (): number => (chosen.length === 0 ? 0 : Date.now());
    const options = { temporary: join(directory, 'tmp'), maxVersions: 3, clock };
    const first = await publishUpload(folder, source, recordOf, options);
    assert.deepEqual(chosen, [2, first.version]);
    assert.ok(first.version > Math.max(...elsewhere));
    assert.equal((await findVersion(folder))?.record.version, first.version);
    assert.equal(await findVersion(folder, 2), undefined);
  });

  it('is not hidden by a destroy that did not see it', async () => {
    const folder = assetFolder(directory, cat);
    const [before = 0] = publishElsewhere(directory, cat, 1);
    let between: readonly number[] = [];
    let calls = 0;
    const shouldHide = (): boolean => {
      calls += 1;
      if (between.length === 0) between = publishElsewhere(directory, cat, 1);
      return calls === 1;
    };
    await publishGone(folder, shouldHide, { temporary: join(directory, 'tmp'), maxVersions: 3, clock: Date.now });
    assert.equal((await findVersion(folder))?.record.version, between[0]);
    assert.equal(await findVersion(folder, before), undefined);
  });

  it('to the source of a rename is also moved', async () => {
    publishElsewhere(directory, cat, 1);
    let between: readonly number[] = [];
    const clock = (): number => {
      if (between.length === 0) between = publishElsewhere(directory, cat, 1);
      return Date.now();
    };
    const newest = async (): Promise<string | undefined> => (await fileOriginals({ directory }).find(cat))?.etag;
    const before = await newest();
    const renamed = await fileOriginals({ directory, clock }).rename(cat, dog, { overwrite: false });
    assert.ok(typeof renamed === 'object');
    assert.notEqual(renamed.etag, before);
    assert.equal(await newest(), undefined);
    assert.equal((await fileOriginals({ directory }).find(dog))?.version, renamed.version);
  });
});
