import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AssetId, PublishedOnce } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { directoryInMemory, removeTemporaryDirectories } from './temporary-directory.ts';

const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
const script = fileURLToPath(new URL('publish-once-in-a-loop.ts', import.meta.url));
const rounds = process.env['SAFELIGHT_DEEP'] ? 60 : process.env['SAFELIGHT_LONG'] ? 20 : 1;
const day = 24 * 60 * 60 * 1000;

describe('a version that is published once', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await directoryInMemory();
  });

  afterEach(removeTemporaryDirectories);

  async function publish(name: string, options: { readonly maxVersions?: number; readonly clock?: () => number } = {}) {
    const originals = fileOriginals({ directory, ...options });
    const received = await originals.receive(chunks(`by the test: ${name}`), { maxBytes: 100 });
    const published = await originals.publishOnce?.(received, { ...cat, format: 'jpg' }, { name, mayReplace: true });
    await received.discard();
    return published as PublishedOnce;
  }

  it(`is one, when processes that publish it at the same time are killed at any step, ${rounds} times`, async function () {
    this.timeout(10_000 + rounds * 4_000);
    const known = new Map<number, string>();
    for (let round = 0; round < rounds; round += 1) {
      const firstName = known.size;
      const lines = await Promise.all([0, 1].map((child) => publishUntilKilled(directory, firstName, round + child)));
      for (const line of lines.flat()) check(known, line);
      // The calls that were killed are repeated.
      for (const at of [known.size, known.size + 1]) {
        const { original } = await publish(nameOf(at), { maxVersions: 10_000 });
        check(known, `${at} ${original.version} ${original.etag}`);
      }
      const originals = fileOriginals({ directory, maxVersions: 10_000 });
      const versions = await originals.versions(cat);
      assert.deepEqual(versions.map(({ version, etag }) => `${version} ${etag}`).sort(), [...known.values()].sort());
    }
  });

  it('is planned by a file that is removed a day later, with the next upload', async () => {
    await publish(nameOf(1));
    const plans = async () => {
      const names = await readdir(join(directory, 'assets'), { recursive: true });
      return names.filter((name) => name.includes('once-')).length;
    };
    assert.equal(await plans(), 1);
    await publish(nameOf(2), { clock: () => Date.now() + day / 2 });
    assert.equal(await plans(), 2);
    await publish(nameOf(3), { clock: () => Date.now() + 2 * day });
    assert.equal(await plans(), 0);
  });

  it('has a name of 32 hex digits', async () => {
    for (const name of ['', '..', 'A'.repeat(32), '../'.repeat(11).slice(0, 32)]) {
      await assert.rejects(publish(name), TypeError);
    }
  });
});

function check(known: Map<number, string>, line: string): void {
  const [at = '', ...rest] = line.split(' ');
  const published = rest.join(' ');
  assert.equal(known.get(Number(at)) ?? published, published, `name ${at} has two versions`);
  known.set(Number(at), published);
}

function nameOf(at: number): string {
  return createHash('md5').update(`${at}`).digest('hex');
}

async function* chunks(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

/** Kills the process a few milliseconds after a few publications, at any step of the next one. */
async function publishUntilKilled(directory: string, firstName: number, seed: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script, directory, String(firstName)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    if (line !== 'ready') lines.push(line);
    if (count === 3 + (seed % 3)) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    count += 1;
  }
  return lines;
}
