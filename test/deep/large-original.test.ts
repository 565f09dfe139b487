import assert from 'node:assert/strict';
import { gate } from '../story/gate.ts';
import { assertRange } from './cached-large.ts';
import {
  type LargeFolder,
  type LargeServer,
  largeFolder,
  largeLength,
  maxGrownBytes,
  megabytes,
  publishFilm,
  startLargeServer,
} from './large-server.ts';
import { readLarge, readLargeByHand } from './read-large.ts';

describe(`a film of ${megabytes} MB, delivered without a transformation by a server with a heap of 64 MB`, function () {
  this.timeout(megabytes * 200);
  let folder: LargeFolder;
  let server: LargeServer;
  before(async () => {
    folder = await largeFolder();
    await publishFilm(folder);
    server = await startLargeServer(folder.directory, 'memory');
  });
  after(async () => {
    await server.kill();
    await folder.remove();
  });

  it('ten clients get all of it, or the requested part, in constant memory, although some leave or read slowly', async () => {
    const url = `${server.origin}/demo/video/upload/film.mp4`;
    const { headers, bytes: sent } = await readLarge(url, { method: 'HEAD' });
    assert.deepEqual([headers['content-length'], headers['accept-ranges'], sent], [String(largeLength), 'bytes', 0]);
    const { etag = '' } = headers;
    const slowGate = gate();
    slowGate.close();
    const slow = readLargeByHand(url, { onPiece: slowGate.pass });
    const leaver = readLarge(url, { leaveAfter: largeLength / 4 });
    const middle = [largeLength / 2 - 1_000_001, largeLength / 2 + 1_000_003] as const;
    const parts = [
      assertRange(url, middle),
      assertRange(url, middle, { 'if-range': etag }),
      assertRange(url, [largeLength - 1_000_003, largeLength], { range: 'bytes=-1000003' }),
      assertRange(url, [largeLength - 5, largeLength], { range: `bytes=${largeLength - 5}-` }),
    ];
    const wholes = await Promise.all([
      readLarge(url),
      readLargeByHand(url),
      readLarge(url, { headers: { range: 'bytes=0-99', 'if-range': '"another"' } }),
    ]);
    await Promise.all(parts);
    assert.ok((await leaver).bytes < largeLength);
    slowGate.open();
    for (const { status, bytes, sha256 } of [...wholes, await slow]) {
      assert.deepEqual({ status, bytes, sha256 }, { status: 200, bytes: largeLength, sha256: folder.sha256 });
    }
    const { grownBytes, faults } = await server.state();
    assert.ok(grownBytes < maxGrownBytes, `the process grew by ${grownBytes} bytes`);
    assert.deepEqual(faults, []);
  });
});
