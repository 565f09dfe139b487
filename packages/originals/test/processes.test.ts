import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { AssetId } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';
import { VersionHistory } from './version-history.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const script = fileURLToPath(new URL('publish-in-a-loop.ts', import.meta.url));
const day = 24 * 60 * 60 * 1000;

interface Publication {
  readonly version: number;
  readonly etag: string;
}

describe('several processes in one directory', () => {
  afterEach(removeTemporaryDirectories);

  it('have a complete original after a process is killed at any step', async function () {
    this.timeout(60_000);
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    const history = new VersionHistory();
    for (let round = 0; round < 12; round += 1) {
      const before = history.highest;
      // Two processes at a time, which are also killed within steps of each other.
      const killed = await Promise.all([0, 1].map((child) => publishUntilKilled(directory, round + child)));
      for (const { version, etag } of killed.flat()) history.published(version, etag);
      const current = await history.check(originals, cat);
      assert.ok(current !== undefined && current >= history.highest && current > before);
      const received = await originals.receive(chunks(`round ${round}`), { maxBytes: 100 });
      const next = await originals.publish(received, { ...cat, format: 'jpg' });
      history.published(next.version, next.etag);
      assert.equal(await history.check(originals, cat), next.version);
    }
    // A day later only the files of the killed processes are removed.
    const later = fileOriginals({ directory, clock: () => Date.now() + 2 * day });
    const received = await later.receive(chunks('last'), { maxBytes: 100 });
    assert.equal(await history.check(later, cat), history.highest);
    assert.deepEqual(await readdir(join(directory, 'tmp')), [received.localPath.slice(directory.length + 5)]);
  });

  it('get distinct versions when they publish the same asset', async function () {
    this.timeout(60_000);
    const directory = await directoryInMemory();
    const history = new VersionHistory();
    const outputs = await Promise.all([publishTimes(directory, 25), publishTimes(directory, 25)]);
    for (const { version, etag } of outputs.flat()) history.published(version, etag);
    assert.equal(history.size, 50);
    const originals = fileOriginals({ directory });
    assert.equal(await history.check(originals, cat), history.highest);
    const deliverable = await Promise.all(outputs.flat().map(({ version }) => history.check(originals, cat, version)));
    assert.ok(deliverable.filter((version) => version !== undefined).length >= 1);
  });

  it('agree on the schema of a new folder when they start at the same time', async function () {
    this.timeout(60_000);
    for (let round = 0; round < 3; round += 1) {
      const directory = join(await directoryInMemory(), 'new');
      const outputs = await Promise.all([1, 2, 3].map(() => publishTimes(directory, 2)));
      assert.equal(outputs.flat().length, 6);
      assert.equal(await readFile(join(directory, 'safelight.json'), 'utf8'), '{"schema":1}\n');
      assert.deepEqual((await readdir(directory)).sort(), ['assets', 'safelight.json', 'tmp']);
      assert.deepEqual(await readdir(join(directory, 'tmp')), []);
    }
  });

  it('always find an asset while others publish it and remove old versions', async function () {
    this.timeout(60_000);
    const directory = await directoryInMemory();
    const originals = fileOriginals({ directory });
    await originals.publish(await originals.receive(chunks('first'), { maxBytes: 100 }), { ...cat, format: 'jpg' });
    let isOver = false;
    const publishing = publishTimes(directory, 40).finally(() => {
      isOver = true;
    });
    const seen: number[] = [];
    while (!isOver) {
      const original = await originals.find(cat);
      assert.ok(original, `missing after version ${seen.at(-1)}`);
      seen.push(original.version);
    }
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    assert.equal((await publishing).length, 40);
  });
});

async function* chunks(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

function start(directory: string, times: number): ChildProcess {
  const args = [script, directory, cat.publicId, String(times), '1'];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Kills the process a few milliseconds after a few publications, at any step of the next one. */
async function publishUntilKilled(directory: string, seed: number): Promise<readonly Publication[]> {
  const child = start(directory, 1_000_000);
  assert.ok(child.stdout && child.stderr);
  const errors = text(child.stderr);
  const exited = once(child, 'exit');
  const publications: Publication[] = [];
  let lines = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line !== 'ready') publications.push(toPublication(line));
    if (lines === seed % 3) setTimeout(() => child.kill('SIGKILL'), Math.random() * 12);
    lines += 1;
  }
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', await errors);
  return publications;
}

async function publishTimes(directory: string, times: number): Promise<readonly Publication[]> {
  const child = start(directory, times);
  assert.ok(child.stdout && child.stderr);
  const exited = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.deepEqual(await exited, [0, null], errors);
  return output.trim().split('\n').slice(1).map(toPublication);
}

function toPublication(line: string): Publication {
  const [version, etag = ''] = line.split(' ');
  return { version: Number(version), etag };
}
