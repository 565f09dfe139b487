import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import type { AssetIndex, OriginalRecord } from '@safelight/core';
import { sqliteAssetIndex } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';

const record = (at: number): OriginalRecord => ({
  resourceType: 'image',
  publicId: `folder/asset-${at}`,
  version: 1,
  assetId: String(at).padStart(32, '0'),
  versionId: String(at).padStart(32, '0'),
  format: 'jpg',
  bytes: at,
  etag: String(at).padStart(32, '0'),
  createdAt: at,
  tags: [`tag-${at}`],
});

async function* records(count: number): AsyncGenerator<OriginalRecord> {
  for (let at = 0; at < count; at += 1) yield record(at);
}

describe('the file of an index', () => {
  after(removeTemporaryDirectories);

  async function withIndex<T>(file: string, body: (index: AssetIndex, messages: string[]) => Promise<T>): Promise<T> {
    const messages: string[] = [];
    const index = sqliteAssetIndex({ file, onError: (error) => void messages.push((error as Error).message) });
    try {
      return await body(index, messages);
    } finally {
      await index.close();
    }
  }

  async function builtFile(count = 3): Promise<string> {
    const file = join(await directoryInMemory(), 'data/index.db');
    await withIndex(file, (index) => index.rebuild(records(count)));
    return file;
  }

  const isSetAside = async (file: string): Promise<void> => {
    await withIndex(file, async (index, messages) => {
      assert.deepEqual(await index.state(), { phase: 'new', assets: 0 });
      assert.equal(messages.length, 1);
      assert.match(
        messages[0] ?? '',
        /the index of assets, .* It is now .*\.set-aside; the index will be built again\.$/,
      );
      await index.rebuild(records(3));
      assert.equal((await index.search({ limit: 9 })).total, 3);
    });
    assert.ok((await stat(`${file}.set-aside`)).size > 0);
    await withIndex(file, async (index, messages) => {
      assert.equal((await index.state()).phase, 'ready');
      assert.deepEqual(messages, []);
    });
  };

  it('is read again after a restart, with its notes and cursors', async () => {
    const file = await builtFile();
    const next = await withIndex(file, async (index) => {
      await index.begin(record(7));
      return (await index.list({ limit: 1 })).next;
    });
    await withIndex(file, async (index) => {
      assert.equal((await index.state()).phase, 'ready');
      assert.deepEqual((await index.list({ limit: 9, after: next })).assets, [record(1), record(2)]);
      assert.equal((await index.unfinished()).length, 1);
    });
  });

  it('is set aside when it is not a database', async () => {
    const file = await builtFile();
    await writeFile(file, 'x'.repeat(10_000));
    await isSetAside(file);
  });

  it('is set aside when it was cut off', async () => {
    const file = await builtFile(200);
    const handle = await open(file, 'r+');
    await handle.truncate(9000);
    await handle.close();
    await isSetAside(file);
  });

  it('is set aside when it has the schema of a newer release', async () => {
    const file = await builtFile();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    await isSetAside(file);
  });

  it('is set aside at the next start when a call finds damage', async () => {
    const file = await builtFile(2000);
    const bytes = await readFile(file);
    // The first pages have the roots; the last ones have rows.
    bytes.fill(0xee, Math.floor(bytes.length / 2 / 4096) * 4096);
    await writeFile(file, bytes);
    await withIndex(file, async (index, messages) => {
      await assert.rejects(async () => {
        for (let at = 0; at < 2000; at += 100) await index.list({ limit: 500 });
        for (let at = 0; at < 2000; at += 1) await index.end(record(at), { ...record(at), bytes: 7 });
      });
      assert.match(messages[0] ?? '', /is damaged .* The next start builds it again\.$/);
    });
    await isSetAside(file);
  });

  it('stays as it is when it belongs to another application', async () => {
    const file = join(await directoryInMemory(), 'other.db');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE accounts (name TEXT)');
    database.close();
    await withIndex(file, async (index) => {
      await assert.rejects(index.state(), /is a database of another application/);
    });
    assert.deepEqual(
      (await readdir(join(file, '..'))).filter((name) => name.includes('set-aside')),
      [],
    );
  });

  it('belongs to one process at a time', async () => {
    const file = await builtFile();
    await withIndex(file, async (index) => {
      await index.state();
      await withIndex(file, async (other) => {
        await assert.rejects(other.state(), /is in use by another process, or by this one\. One process at a time/);
      });
      const script = `import { sqliteAssetIndex } from '@safelight/originals';
        await sqliteAssetIndex({ file: ${JSON.stringify(file)} }).state().catch((error) => console.log(error.message));`;
      const { stdout } = await node(script);
      assert.match(stdout, /is in use by another process/);
    });
    await withIndex(file, async (index) => assert.equal((await index.state()).assets, 3));
  });

  it('does not hold its process open, and prints no warning', async () => {
    const file = await builtFile();
    const script = `import { sqliteAssetIndex } from '@safelight/originals';
      const index = sqliteAssetIndex({ file: ${JSON.stringify(file)} });
      console.log((await index.search({ limit: 9 })).total);`;
    const { stdout, stderr } = await node(script);
    assert.equal(stdout, '3\n');
    assert.equal(stderr, '');
  });
});

async function node(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ['--input-type=module', '--eval', script];
  return promisify(execFile)(process.execPath, args, { cwd: new URL('..', import.meta.url), timeout: 15_000 });
}
