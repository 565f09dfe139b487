/** The counterexamples of the protocol that are about originals and their versions: one test for each. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { AssetId, Original, Originals } from '@safelight/core';
import { fileOriginals } from '@safelight/originals';
import { type CloudServer, startCloud } from './cloud.ts';
import { closedGate, type Gate } from './gate.ts';

describe('counterexamples about changes', () => {
  let cloud: CloudServer;
  let held: Map<keyof Originals, { readonly when: 'before' | 'after'; readonly gate: Gate }>;

  /** Stops the next call of this method: `before` it starts, or `after` it has its result. */
  function hold(method: 'find' | 'publish' | 'rename', when: 'before' | 'after'): Gate {
    const gate = closedGate();
    held.set(method, { when, gate });
    return gate;
  }

  beforeEach(async () => {
    held = new Map();
    const stopping =
      <Arguments extends unknown[], Result>(name: keyof Originals, call: (...given: Arguments) => Promise<Result>) =>
      async (...given: Arguments): Promise<Result> => {
        const stop = held.get(name);
        held.delete(name);
        if (stop?.when === 'before') await stop.gate.arrive();
        const result = await call(...given);
        if (stop?.when === 'after') await stop.gate.arrive();
        return result;
      };
    cloud = await startCloud((originals) => ({
      ...originals,
      find: stopping('find', originals.find),
      publish: stopping('publish', originals.publish),
      rename: stopping('rename', originals.rename),
    }));
  });
  afterEach(() => cloud.close());

  it('T1: an upload is visible before its mark is written', async () => {
    const publishing = hold('publish', 'before');
    const uploaded = cloud.upload('cat.txt', 'the cat');
    await publishing.reached;
    const searching = hold('find', 'after');
    const early = cloud.get('cat.txt');
    await searching.reached;
    publishing.open();
    assert.equal(await uploaded, 200);
    searching.open();
    await early;
    assert.equal(await cloud.get('cat.txt'), 'the cat');
  });

  it('T2: an upload is acknowledged after its mark is written, and refused when the mark cannot be written', async () => {
    assert.equal(await cloud.get('cat.txt'), '404');
    cloud.chaos.drop({ op: 'set', key: /^g:/, times: 2, reply: 'false' });
    assert.equal(await cloud.upload('cat.txt', 'the cat'), 503);
    assert.equal(await cloud.upload('cat.txt', 'the cat'), 200);
    assert.equal(await cloud.get('cat.txt'), 'the cat');
  });

  it('T11: a rename writes its marks after both names have changed', async () => {
    await cloud.upload('a.txt', 'the cat');
    const renaming = hold('rename', 'before');
    const renamed = cloud.rename('a.txt', 'b.txt');
    await renaming.reached;
    const searching = hold('find', 'after');
    const early = cloud.get('b.txt');
    await searching.reached;
    renaming.open();
    assert.equal(await renamed, 200);
    searching.open();
    await early;
    assert.equal(await cloud.get('b.txt'), 'the cat');
    assert.equal(await cloud.get('a.txt'), '404');
  });

  it('T11: a rename ends the failures of the new name, and a rename back those of the old name', async () => {
    await cloud.upload('a.txt', 'the cat');
    assert.equal(await cloud.get('b.txt'), '404');
    assert.equal(await cloud.get('w_300/a.txt'), '400');
    assert.equal(await cloud.rename('a.txt', 'b.txt'), 200);
    assert.equal(await cloud.get('b.txt'), 'the cat');
    assert.equal(await cloud.get('w_300/a.txt'), '404');
    assert.equal(await cloud.get('a.txt'), '404');
    assert.equal(await cloud.rename('b.txt', 'a.txt'), 200);
    assert.equal(await cloud.get('a.txt'), 'the cat');
    assert.equal(await cloud.get('b.txt'), '404');
  });
});

describe('counterexamples about versions', () => {
  const cat: AssetId = { resourceType: 'image', publicId: 'cat' };
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safelight-versions-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  async function publish(originals: Originals, text: string): Promise<Original> {
    const received = await originals.receive(Readable.from([Buffer.from(text)]), { maxBytes: 100 });
    return originals.publish(received, { ...cat, format: 'jpg' });
  }
  async function bytesAt(originals: Originals, version?: number): Promise<string | undefined> {
    return (await (await originals.find(cat, version))?.bytesOf())?.toString();
  }

  it('T12: each version has its own file, so a request that found an old version never reads a new one', async () => {
    const originals = fileOriginals({ directory });
    const first = await publish(originals, 'first');
    const found = await originals.find(cat);
    const second = await publish(originals, 'second');
    assert.equal((await found?.bytesOf())?.toString(), 'first');
    assert.equal(await bytesAt(originals, first.version), 'first');
    assert.equal(await bytesAt(originals, second.version), 'second');
  });

  it('T24: two uploads within one second have different versions', async () => {
    const originals = fileOriginals({ directory, clock: () => 1_800_000_000_000 });
    const first = await publish(originals, 'first');
    const second = await publish(originals, 'second');
    assert.deepEqual([first.version, second.version], [1_800_000_000, 1_800_000_001]);
    assert.equal(await bytesAt(originals, first.version), 'first');
    assert.equal(await bytesAt(originals), 'second');
  });

  it('T25: an upload that stalls after reading the versions neither hides nor loses another, acknowledged upload', async () => {
    await publish(fileOriginals({ directory, clock: () => 9000 }), 'version 9');
    const others: number[] = [];
    let readings = 0;
    // The third reading of the clock is after the versions were read and before the new one is written.
    const clock = (): number => {
      readings += 1;
      if (readings === 3) others.push(...publishElsewhere(directory));
      return 10_000;
    };
    const stalled = await publish(fileOriginals({ directory, clock }), 'stalled');
    const [other = 0] = others;
    const originals = fileOriginals({ directory });
    assert.equal(stalled.version, 10);
    assert.equal(await bytesAt(originals, stalled.version), 'stalled');
    assert.notEqual(await bytesAt(originals, other), undefined);
    assert.equal((await originals.find(cat))?.version, other);
  });
});

/** Another process publishes once while this process waits for it. */
function publishElsewhere(directory: string): readonly number[] {
  const script = fileURLToPath(new URL('../../packages/originals/test/publish-in-a-loop.ts', import.meta.url));
  const output = execFileSync(process.execPath, [script, directory, 'cat', '1', '3'], { encoding: 'utf8' });
  return output.trim().split('\n').slice(1).map(Number.parseFloat);
}
