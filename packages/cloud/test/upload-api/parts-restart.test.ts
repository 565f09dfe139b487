import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fileOriginals } from '@safelight/originals';
import type { ReceivedParts } from '@safelight/protocol';
import { messageOf, openPart, type Part, partSender, type Response } from './part-sender.ts';

const script = fileURLToPath(new URL('parts-server.ts', import.meta.url));
const file = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz');
const uploadId = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';
const first: Part = { start: 0, end: 10, uploadId };
const second: Part = { start: 10, end: 20, uploadId };
const last: Part = { start: 20, end: 26, uploadId };

interface PartsServer {
  readonly origin: string;
  send(part: Part): Promise<Response>;
  received(): Promise<ReceivedParts>;
  /** Ends the process at once, so that it finishes nothing and removes no files. */
  kill(): Promise<void>;
}

describe('an upload in parts, after its server was killed', function () {
  this.timeout(60_000);
  let directory: string;
  const running = new Set<ChildProcess>();

  async function start(...options: readonly string[]): Promise<PartsServer> {
    const child = spawn(process.execPath, [script, directory, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(child);
    const exited = once(child, 'exit').then(() => running.delete(child));
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
    const origin = `http://127.0.0.1:${port}`;
    return {
      origin,
      send: partSender({ apiUrl: `${origin}/v1_1/demo` }, file),
      async received() {
        const headers = { 'x-unique-upload-id': uploadId };
        return (await (await fetch(`${origin}/_safelight/uploads?cloud=demo`, { headers })).json()) as ReceivedParts;
      },
      async kill() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-restart-'));
  });

  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  const storedBytes = async () =>
    (await fileOriginals({ directory }).find({ resourceType: 'raw', publicId: 'notes' }))?.bytesOf();
  const namesOnDisk = () => readdir(directory, { recursive: true });

  it('between two parts, goes on where it was', async () => {
    const before = await start();
    await before.send(first);
    await before.send(last);
    await before.kill();
    const after = await start();
    const received = [
      { start: 0, end: 10 },
      { start: 20, end: 26 },
    ];
    assert.deepEqual(await after.received(), { received, total: 26 });
    const { status, json } = await after.send(second);
    assert.deepEqual([status, json['public_id'], json['bytes']], [200, 'notes', 26]);
    assert.deepEqual(await storedBytes(), Buffer.from(file));
  });

  it('in the middle of a part, has all other parts and nothing of this one', async () => {
    const before = await start();
    await before.send(first);
    const broken = await openPart(before, 'bytes 10-19/26', uploadId);
    broken.on('error', () => undefined);
    broken.write('KLM');
    while ((await readdir(join(directory, 'tmp'))).length === 0) await setImmediate();
    await before.kill();
    const after = await start();
    assert.deepEqual(await after.received(), { received: [{ start: 0, end: 10 }], total: 26 });
    assert.match(messageOf(await after.send(last)), /^The last part was received, but bytes 10-19 of 26 are missing/);
    assert.equal((await after.send(second)).status, 200);
    assert.deepEqual(await storedBytes(), Buffer.from(file));
  });

  it('at any moment of many parts, loses none that was acknowledged', async () => {
    const acknowledged = new Set<number>();
    let server = await start();
    for (let round = 0; round < 4; round += 1) {
      const sending = [...file.keys()].map(async (start) => {
        const part = { start, end: start + 1, uploadId, total: -1 };
        const response = await server.send(part).catch(() => undefined);
        if (response?.status === 200) acknowledged.add(start);
        if (acknowledged.size > round * 6) await server.kill();
      });
      await Promise.all(sending);
      server = await start();
      const { received } = await server.received();
      const starts = new Set(received.map(({ start }) => start));
      for (const start of acknowledged)
        assert.ok(starts.has(start), `part ${start} was acknowledged in round ${round}`);
    }
    for (const start of file.keys()) await server.send({ start, end: start + 1, uploadId });
    assert.deepEqual(await storedBytes(), Buffer.from(file));
  });

  it('and after it was complete, gets the same response again', async () => {
    const before = await start();
    for (const part of [first, second]) await before.send(part);
    const { json } = await before.send(last);
    await before.kill();
    const after = await start();
    assert.equal((await after.received()).received.length, 3);
    const again = await after.send(last);
    const withoutOrigin = (response: object) => JSON.stringify(response).replaceAll(/127\.0\.0\.1:\d+/g, '');
    assert.equal(withoutOrigin(again.json), withoutOrigin(json));
    assert.match(String(again.json['url']), new RegExp(`^${after.origin}/`));
  });

  it('counts for the limits of the next process', async () => {
    const before = await start();
    await before.send(first);
    await before.kill();
    const after = await start('1');
    const refused = await after.send({ ...first, uploadId: 'another upload ID of 32 characters' });
    assert.equal(refused.status, 503);
    assert.equal((await after.send(second)).status, 200);
  });

  it('has its parts in two processes at the same time', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await one.send(first);
    await two.send(last);
    assert.deepEqual((await one.received()).received.length, 2);
    assert.equal((await two.send(second)).status, 200);
    assert.deepEqual(await storedBytes(), Buffer.from(file));
    assert.equal((await one.send(last)).json['public_id'], 'notes');
  });

  it('has its ID in no file and in no name of a file', async () => {
    const server = await start();
    for (const part of [first, second]) await server.send(part);
    const names = await namesOnDisk();
    assert.ok(names.some((name) => name.endsWith('.part')));
    const files = names.filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
    for (const text of [...names, ...texts]) assert.ok(!text.includes(uploadId), text);
  });
});
