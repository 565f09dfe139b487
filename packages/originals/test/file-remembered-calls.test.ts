import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileRememberedCalls } from '../src/file-remembered-calls.ts';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const minute = 60_000;
const start = 1_700_000_000_000;

describe('remembered calls on the disk', () => {
  let root: string;
  let now: number;

  beforeEach(async () => {
    root = await directoryInMemory();
    now = start;
  });

  afterEach(removeTemporaryDirectories);

  const open = (maxCalls?: number) =>
    fileRememberedCalls({
      root,
      temporary: join(root, 'tmp'),
      clock: () => now,
      ...(maxCalls === undefined ? {} : { maxCalls }),
    });
  const keyOf = (at: number) => createHash('sha256').update(`${at}`).digest('hex');
  const files = async () => {
    const names = await readdir(join(root, 'calls'), { recursive: true });
    return names.filter((name) => name.endsWith('.json'));
  };

  it('are bounded: those that end first are removed first', async () => {
    const calls = open(20);
    for (let at = 0; at < 50; at += 1) {
      now += 1_000;
      await calls.replace(keyOf(at), 0, { state: `${at}`, endsAt: now + 10 * minute });
    }
    assert.ok((await files()).length <= 23);
    assert.equal((await calls.read(keyOf(0))).state, undefined);
    for (const at of [30, 49]) assert.equal((await calls.read(keyOf(at))).state, `${at}`);
  });

  it('leave at most two files for a call, and none some time after its end', async () => {
    const calls = open();
    for (let revision = 0; revision < 6; revision += 1) {
      await calls.replace(keyOf(1), revision, { state: 's', endsAt: now + minute });
    }
    assert.equal((await files()).length, 2);
    now += 10 * minute;
    await calls.replace(keyOf(2), 0, { state: 's', endsAt: now + minute });
    assert.equal((await files()).length, 1);
    assert.deepEqual(await readdir(join(root, 'tmp')), []);
  });

  it('count a damaged state as ended, and go on with the next revision', async () => {
    const calls = open();
    await calls.replace(keyOf(1), 0, { state: 's', endsAt: now + minute });
    await truncate(join(root, 'calls', (await files())[0] ?? ''), 5);
    assert.deepEqual(await calls.read(keyOf(1)), { revision: 1, state: undefined });
    assert.equal(await calls.replace(keyOf(1), 1, { state: 'next', endsAt: now + minute }), 2);
    assert.equal((await open().read(keyOf(1))).state, 'next');
  });

  it('are not read through a symbolic link', async () => {
    const calls = open();
    await mkdir(join(root, 'elsewhere'));
    await mkdir(join(root, 'calls'));
    await symlink(join(root, 'elsewhere'), join(root, 'calls', keyOf(1).slice(0, 2)));
    await assert.rejects(calls.read(keyOf(1)), /symbolic links/);
  });
});
