import assert from 'node:assert/strict';
import {
  type LargeFolder,
  type LargeServer,
  largeFolder,
  largeLength,
  maxGrownBytes,
  megabytes,
  mounts,
  startLargeServer,
} from './large-server.ts';
import { readLarge, readLargeByHand } from './read-large.ts';

const half = megabytes / 2;

describe(`${megabytes} MB made by a server with a heap of 64 MB that caches at most 1 MiB of each body`, function () {
  this.timeout(megabytes * 200);
  let folder: LargeFolder;
  let server: LargeServer;
  before(async () => {
    folder = await largeFolder();
    server = await startLargeServer(folder.directory, 'memory');
  });
  after(async () => {
    await server.kill();
    await folder.remove();
  });

  for (const [mount, pathOf] of mounts) {
    it(`${mount}: streams one run to all early clients, in constant memory; a late client gets a run of its own`, async () => {
      const url = server.origin + pathOf(1);
      const before = await server.state();
      await server.makeUpTo(0);
      const leaver = readLarge(url, { leaveAfter: largeLength / 4 });
      await server.until(({ runs }) => runs === before.runs + 1);
      const readers = [
        readLarge(url),
        readLarge(url, { headers: { range: 'bytes=1000-1999' } }),
        readLargeByHand(url),
        readLargeByHand(url, { onPiece: readSlowly }),
      ];
      // A HEAD joins no run of a guarded handler.
      const head = mount === 'cloud' ? readLarge(url, { method: 'HEAD' }) : undefined;
      const expected = before.requests + (head === undefined ? 5 : 6);
      await server.until(({ requests }) => requests === expected);
      await server.makeUpTo(half);
      await server.until(({ madeMegabytes }) => madeMegabytes === half);
      readers.push(readLarge(url));
      await server.until(({ runs }) => runs === before.runs + 2);
      await server.makeUpTo(megabytes);

      for (const { status, bytes, sha256 } of await Promise.all(readers)) {
        assert.deepEqual({ status, bytes, sha256 }, { status: 200, bytes: largeLength, sha256: folder.sha256 });
      }
      assert.ok((await leaver).bytes < largeLength);
      if (head !== undefined) assert.deepEqual([(await head).status, (await head).bytes], [200, 0]);
      const { runs, grownBytes, faults } = await server.state();
      assert.equal(runs, before.runs + 2);

      assert.ok(grownBytes < maxGrownBytes, `the process grew by ${grownBytes} bytes`);
      assert.deepEqual(faults, []);
    });
  }
});

/** Slow for so long that the reader falls behind by more than the server holds in memory. */
async function readSlowly(bytes: number): Promise<void> {
  if (bytes < 8 * 1024 ** 2) await new Promise((resolve) => setTimeout(resolve, 2));
}
