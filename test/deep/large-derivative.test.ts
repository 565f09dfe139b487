import assert from 'node:assert/strict';
import { gate } from '../story/gate.ts';
import { assertRange, untilCached } from './cached-large.ts';
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
const quarterBytes = largeLength / 4;

for (const [mount, pathOf] of mounts) {
  describe(`${megabytes} MB made behind ${mount} by a server with a heap of 64 MB, cached in a file`, function () {
    this.timeout(megabytes * 200);
    let folder: LargeFolder;
    let server: LargeServer;
    before(async () => {
      folder = await largeFolder();
      server = await startLargeServer(folder.directory, 'files');
    });
    afterEach(async () => assert.deepEqual((await server.state()).faults, []));
    after(async () => {
      await server.kill();
      await folder.remove();
    });

    it('is made once for ten requests, in constant memory, although some clients leave, read slowly or come late', async () => {
      const url = server.origin + pathOf(1);
      const before = await server.state();
      await server.makeUpTo(half);
      const slowGate = gate();
      slowGate.close();
      const lateGate = gate();
      lateGate.close();
      const whole = { status: 200, bytes: largeLength, sha256: folder.sha256 };

      const leavers = [readLarge(url, { leaveAfter: quarterBytes })];
      await server.until(({ runs }) => runs === before.runs + 1);
      const slow = readLargeByHand(url, { onPiece: slowGate.pass });
      for (const n of [2, 4]) leavers.push(readLarge(url, { leaveAfter: quarterBytes / n }));
      const readers = [
        readLarge(url),
        readLargeByHand(url),
        readLargeByHand(url),
        // While the body is being made, a range gets the whole body.
        readLarge(url, { headers: { range: `bytes=${quarterBytes}-${quarterBytes + 99}` } }),
      ];
      // A HEAD joins no run of a guarded handler.
      if (mount === 'cloud') {
        const head = await readLarge(url, { method: 'HEAD' });
        assert.deepEqual([head.status, head.bytes], [200, 0]);
      }
      await server.until(({ madeMegabytes }) => madeMegabytes === half);
      for (const leaver of leavers) assert.ok((await leaver).bytes < largeLength);
      readers.push(readLarge(url, { onPiece: lateGate.pass }));
      await lateGate.waiting(1);
      lateGate.open();
      await server.makeUpTo(megabytes);

      const read = await Promise.all(readers);
      const { runs, grownBytes } = await server.state();
      slowGate.open();
      for (const { status, bytes, sha256 } of [...read, await slow]) assert.deepEqual({ status, bytes, sha256 }, whole);
      assert.equal(runs, before.runs + 1);
      assert.ok(grownBytes < maxGrownBytes, `the process grew by ${grownBytes} bytes`);
    });

    it('is then cached: a range, a HEAD and the whole body cost no run and no memory', async () => {
      const url = server.origin + pathOf(1);
      await untilCached(url);
      const before = await server.state();
      await assertRange(url, [largeLength / 2 - 1_000_001, largeLength / 2 + 1_000_003]);
      const head = await readLarge(url, { method: 'HEAD' });
      assert.deepEqual([head.headers['content-length'], head.bytes], [String(largeLength), 0]);
      const { status, sha256 } = await readLargeByHand(url);
      assert.deepEqual([status, sha256], [200, folder.sha256]);
      const { runs, grownBytes } = await server.state();
      assert.equal(runs, before.runs);
      assert.ok(grownBytes < maxGrownBytes, `the process grew by ${grownBytes} bytes`);
    });

    it('is made completely, and cached, when all clients leave in the middle', async () => {
      const url = server.origin + pathOf(2);
      const before = await server.state();
      await server.makeUpTo(half);
      await Promise.all([1, 2, 3].map((n) => readLarge(url, { leaveAfter: (n * quarterBytes) / 4 })));
      await server.makeUpTo(megabytes);
      await server.until(({ madeMegabytes }) => madeMegabytes === megabytes - 1);
      await untilCached(url);
      const { status, sha256, headers } = await readLargeByHand(url);
      assert.deepEqual([status, sha256], [200, folder.sha256]);
      assert.match(headers['cache-status'] ?? '', /hit/);
      assert.equal((await server.state()).runs, before.runs + 1);
    });
  });
}
