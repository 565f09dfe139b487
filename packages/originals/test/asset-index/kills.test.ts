import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AssetId, OriginalRecord } from '@safelight/core';
import { fileOriginals, indexedOriginals, sqliteAssetIndex } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from '../temporary-directory.ts';

const script = fileURLToPath(new URL('change-in-a-loop.ts', import.meta.url));
const isLong = process.env['SAFELIGHT_LONG'] === '1' || process.env['SAFELIGHT_DEEP'] === '1';
const kills = isLong ? 100 : 4;

describe('a killed process that changes assets', () => {
  after(removeTemporaryDirectories);

  it(`leaves an index that can be caught up with the originals (killed ${kills} times)`, async function () {
    this.timeout(Math.max(kills, 12) * 10_000);
    const root = await directoryInMemory();
    const [directory, file] = [join(root, 'originals'), join(root, 'index.db')];
    let unfinishedCount = 0;
    // Not each kill comes between two steps of a change.
    for (let round = 0; round < kills || (unfinishedCount === 0 && round < 60); round += 1) {
      await changeUntilKilled([directory, file, String(round * 7919 + 1)]);
      const errors: unknown[] = [];
      const index = sqliteAssetIndex({ file, onError: (error) => errors.push(error) });
      try {
        unfinishedCount += (await index.unfinished()).length;
        const files = fileOriginals({ directory });
        await indexedOriginals(files, index).catchUp();
        assert.deepEqual(await index.unfinished(), []);
        assert.deepEqual((await index.list({ limit: 500 })).assets, await existing(files));
        assert.deepEqual(errors, []);
      } finally {
        await index.close();
      }
    }
    assert.ok(unfinishedCount > 0, 'no process was killed during a change');
  });
});

/** All assets that the process may have made, by public ID. */
async function existing(originals: ReturnType<typeof fileOriginals>): Promise<readonly OriginalRecord[]> {
  const records: OriginalRecord[] = [];
  for (let at = 0; at < 36; at += 1) {
    const asset: AssetId = { resourceType: 'image', publicId: `folder-${at % 3}/asset-${Math.floor(at / 3)}` };
    const found = await originals.find(asset);
    if (found === undefined) continue;
    const { localPath: _path, stream: _stream, bytesOf: _bytesOf, ...record } = found;
    records.push(record);
  }
  return records.toSorted((one, other) => (one.publicId < other.publicId ? -1 : 1));
}

async function changeUntilKilled(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), 100 + Math.random() * 400));
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', await errors);
  assert.equal(await errors, '');
}
