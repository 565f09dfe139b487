import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { largePiece } from './large-bytes.ts';

const megabytes = process.env['SAFELIGHT_DEEP'] === '1' ? 1024 : 96;
const bytes = megabytes * 1024 ** 2;

interface State {
  readonly runs: { readonly guard: number; readonly cloud: number };
  readonly residentBytes: number;
}

describe(`a derivative of ${megabytes} MB, from a server with 64 MB`, function () {
  this.timeout(megabytes * 1000);
  let directory: string;
  let server: ChildProcess;
  let origin: string;
  let whole: string;

  before(async () => {
    const hash = createHash('sha256');
    for (let i = 0; i < megabytes; i += 1) hash.update(largePiece(i));
    whole = hash.digest('hex');
    directory = await mkdtemp(join(tmpdir(), 'safelight-large-'));
    const script = fileURLToPath(new URL('large-derivative-server.ts', import.meta.url));
    server = fork(script, [directory, String(megabytes)], { execArgv: ['--max-old-space-size=64'] });
    const [port] = (await once(server, 'message')) as [number];
    origin = `http://127.0.0.1:${port}`;
  });

  after(async () => {
    server.disconnect();
    await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  });

  async function state(): Promise<State> {
    server.send('state');
    const [told] = (await once(server, 'message')) as [State];
    return told;
  }

  /** The digest of what is sent; `pauseMs` before each piece makes a slow reader, `leaveAt` one who leaves. */
  async function read(path: string, { pauseMs = 0, leaveAt = Infinity } = {}): Promise<string> {
    const { status, body } = await fetch(origin + path);
    assert.equal(status, 200);
    const hash = createHash('sha256');
    let seen = 0;
    for await (const piece of body ?? []) {
      hash.update(piece as Uint8Array);
      seen += (piece as Uint8Array).length;
      if (seen > leaveAt) return 'left';
      if (pauseMs > 0 && seen < 4 * 1024 ** 2) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return hash.digest('hex');
  }

  for (const [door, path] of [
    ['guard', '/guard'],
    ['cloud', '/demo/image/upload/w_1/large.png'],
  ] as const) {
    it(`${door}: ten read it while one run makes it, a slow one and one who leaves among them`, async () => {
      const before = await state();
      const readers = Array.from({ length: 10 }, (_, i) =>
        read(path, i === 0 ? { pauseMs: 5 } : i === 1 ? { leaveAt: bytes / 3 } : {}),
      );
      const [slow, left, ...others] = await Promise.all(readers);
      assert.deepEqual([slow, left, ...others], [whole, 'left', ...Array(8).fill(whole)]);
      const { runs, residentBytes } = await state();
      assert.equal(runs[door], 1);
      const grownMegabytes = Math.round((residentBytes - before.residentBytes) / 1024 ** 2);
      assert.ok(grownMegabytes < 200, `it grew by ${grownMegabytes} MB`);
    });

    it(`${door}: afterwards it is kept: parts of it, and all of it, without a run`, async () => {
      const start = Math.floor(bytes / 2) + 12_345;
      const part = await fetch(origin + path, { headers: { range: `bytes=${start}-${start + 1_999_999}` } });
      assert.equal(part.status, 206);
      assert.equal(part.headers.get('content-range'), `bytes ${start}-${start + 1_999_999}/${bytes}`);
      const expected = Buffer.concat([0, 1, 2].map((i) => largePiece(Math.floor(start / 1024 ** 2) + i)));
      const at = start % 1024 ** 2;
      assert.ok(Buffer.from(await part.arrayBuffer()).equals(expected.subarray(at, at + 2_000_000)));
      assert.equal(await read(path), whole);
      assert.equal((await state()).runs[door], 1);
    });
  }

  it('everybody leaves while it is made: it is made to its end, and kept', async () => {
    const path = '/guard?again';
    assert.deepEqual(await Promise.all([1, 2].map((n) => read(path, { leaveAt: n * 1024 ** 2 }))), ['left', 'left']);
    for (;;) {
      const answer = await fetch(origin + path, { method: 'HEAD' });
      if (/hit/.test(answer.headers.get('cache-status') ?? '')) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(await read(path), whole);
    assert.equal((await state()).runs.guard, 2);
  });
});
