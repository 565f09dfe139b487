import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { assertRange, untilCached } from './cached-large.ts';
import {
  type LargeFolder,
  type LargeServer,
  largeFolder,
  largeLength,
  megabytes,
  mounts,
  startLargeServer,
} from './large-server.ts';
import { readLarge, readLargeByHand } from './read-large.ts';

const half = megabytes / 2;

describe(`a server that is killed while it makes ${megabytes} MB`, function () {
  this.timeout(megabytes * 200);
  let folder: LargeFolder;
  let server: LargeServer;
  before(async () => {
    folder = await largeFolder();
  });
  beforeEach(async () => {
    server = await startLargeServer(folder.directory, 'files');
  });
  afterEach(() => server.kill());
  after(() => folder.remove());

  for (const [mount, pathOf] of mounts) {
    it(`${mount}: breaks off the response; started again it makes and caches the derivative anew, and removes the old draft`, async () => {
      await server.makeUpTo(half);
      const reading = readLarge(server.origin + pathOf(1));
      await Promise.all([
        assert.rejects(reading),
        server.until(({ madeMegabytes }) => madeMegabytes === half).then(() => server.kill()),
      ]);
      const left = await drafts();
      assert.equal(left.length, 1, 'no draft was left, so the test proves nothing');
      // A younger draft could belong to another process that is still writing it.
      const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
      for (const name of left) await utimes(join(draftsFolder(), name), longAgo, longAgo);

      server = await startLargeServer(folder.directory, 'files');
      await assertMadeAndCached(server.origin + pathOf(1));
      while ((await drafts()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    });
  }

  it('serves no damaged derivative when it is killed while a complete one is being stored', async () => {
    const path = '/guard?2';
    await server.makeUpTo(megabytes - 1);
    const reading = readLarge(server.origin + path).catch(() => undefined);
    await server.until(({ madeMegabytes }) => madeMegabytes === megabytes - 1);
    await server.makeUpTo(megabytes);
    await server.kill();
    const read = await reading;
    if (read !== undefined) assert.equal(read.sha256, folder.sha256);
    server = await startLargeServer(folder.directory, 'files');
    await assertMadeAndCached(server.origin + path);
  });

  const draftsFolder = (): string => join(folder.directory, 'derivatives', 'tmp');
  const drafts = (): Promise<readonly string[]> => readdir(draftsFolder());

  async function assertMadeAndCached(url: string): Promise<void> {
    const { status, sha256 } = await readLargeByHand(url);
    assert.deepEqual([status, sha256], [200, folder.sha256]);
    await untilCached(url);
    await assertRange(url, [largeLength / 2 - 1000, largeLength / 2 + 1000]);
    const { runs, faults } = await server.state();
    assert.deepEqual([runs, faults], [1, []]);
  }
});
