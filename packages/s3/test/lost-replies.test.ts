import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Original, Originals } from '@safelight/core';
import { s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { clientOf, newBucket, removeTemporaryDirectories, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';
import { type Fault, type LosingProxy, losingProxy } from './servers/losing-proxy.ts';

const cat = { resourceType: 'image', publicId: 'cat' } as const;
/** 4 writers publish as many versions together. */
const versionCount = process.env['SAFELIGHT_LONG'] === undefined ? 20 : 100;

describe('s3Originals behind a proxy that loses responses', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let proxy: LosingProxy;
  let bucket: string;
  before(async function () {
    this.timeout(60_000);
    const server = await ceph();
    ({ bucket } = await newBucket(server));
    proxy = await losingProxy(server);
  });
  afterEach(() => {
    proxy.faultOf = () => undefined;
    proxy.holds = () => undefined;
  });
  after(async () => {
    await proxy.close();
    await removeTemporaryDirectories();
  });

  async function originalsAt(prefix: string, limits = {}): Promise<Originals> {
    const cache = { directory: await temporaryDirectory() };
    const originals = s3Originals({ client: clientOf(proxy), bucket, prefix, cache, maxVersions: 100, ...limits });
    await originals.check();
    return originals;
  }

  async function publish(originals: Originals, content: string): Promise<Original> {
    const received = await originals.receive(chunksOf(content), { maxBytes: 1e9 });
    return originals.publish(received, { ...cat, format: 'jpg' });
  }

  for (const fault of ['lost', 'refused', 'silent'] as const) {
    it(`publishes one version when the response to each request is ${fault} once`, async () => {
      const originals = await originalsAt(randomUUID(), { firstByteMs: 300, idleMs: 300 });
      proxy.faultOf = onceForEach(fault);
      const { version, versionId } = await publish(originals, 'meow');
      proxy.faultOf = () => undefined;
      const versions = await originals.versions(cat);
      assert.deepEqual(
        versions.map((record) => [record.version, record.versionId]),
        [[version, versionId]],
      );
      assert.equal(String(await (await originals.find(cat))?.bytesOf()), 'meow');
    });
  }

  for (const [others, gone] of [
    [1, 'is still taken'],
    [5, 'is free again'],
  ] as const) {
    it(`publishes again when a process stalled until its number ${gone}`, async () => {
      const prefix = randomUUID();
      const stalled = await originalsAt(prefix);
      const direct = await originalsAt(prefix);
      await publish(direct, 'first');
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
      let held = 0;
      proxy.holds = ({ method, url = '' }) => {
        if (method !== 'PUT' || !url.includes('/v/') || held > 0) return undefined;
        held += 1;
        arrive();
        return released;
      };
      const late = publish(stalled, 'late');
      await arrived;
      const between: Original[] = [];
      for (let count = 0; count < others; count += 1) between.push(await publish(direct, `${count}`));
      release();
      const { version, versionId } = await late;
      assert.ok(between.every((other) => other.version < version));
      assert.equal((await direct.find(cat))?.versionId, versionId);
      assert.equal(String(await (await direct.find(cat, version))?.bytesOf()), 'late');
      assert.equal((await direct.versions(cat)).length, others + 2);
    });
  }

  it('rejects when it cannot know whether an asset exists, and has then no absence', async () => {
    const originals = await originalsAt(randomUUID(), { firstByteMs: 300, idleMs: 300 });
    await publish(originals, 'meow');
    for (const fault of ['refused', 'silent'] as const) {
      proxy.faultOf = () => fault;
      await assert.rejects(originals.find(cat), /LIST .* (failed: 503|got no response within 300 ms)/);
    }
    proxy.faultOf = () => undefined;
    assert.notEqual(await originals.find(cat), undefined);
  });

  it('reads bytes again when a body breaks off, and never gives a part of them', async () => {
    const prefix = randomUUID();
    await publish(await originalsAt(prefix), 'x'.repeat(500_000));
    const original = await (await originalsAt(prefix)).find(cat);
    assert.ok(original);
    proxy.faultOf = onceForEach('cut');
    assert.equal((await original.bytesOf()).length, 500_000);
    proxy.faultOf = () => 'cut';
    await assert.rejects(original.stream().toArray());
  });

  it('sends a large file in parts, also when responses are lost', async () => {
    const originals = await originalsAt(randomUUID());
    const piece = Buffer.alloc(1024 ** 2, 'large');
    const pieces = (async function* () {
      for (let count = 0; count < 65; count += 1) yield piece;
    })();
    const received = await originals.receive(pieces, { maxBytes: 1e9 });
    const once = onceForEach('lost');
    // The other parts would only take longer.
    proxy.faultOf = (sent) => (sent.method === 'POST' || sent.url?.includes('partNumber=1&') ? once(sent) : undefined);
    const { etag, bytes } = await originals.publish(received, { ...cat, format: 'jpg' });
    proxy.faultOf = () => undefined;
    assert.equal(etag, received.etag);
    let read = 0;
    for await (const chunk of (await originals.find(cat))?.stream() ?? []) read += (chunk as Buffer).length;
    assert.deepEqual([read, bytes], [65 * 1024 ** 2, 65 * 1024 ** 2]);
    const parts = proxy.seen.filter(([line, fault]) => line.includes('partNumber=') && fault === undefined);
    assert.equal(parts.length, 5);
    assert.ok(proxy.seen.filter(([line, fault]) => line.startsWith('POST') && fault === 'lost').length >= 2);
  }).timeout(30_000);

  it(`gives no number twice, and never an older version than acknowledged: ${versionCount} versions`, async () => {
    const prefix = randomUUID();
    const limits = { firstByteMs: 1000, idleMs: 1000 };
    const sides = await Promise.all(Array.from({ length: 6 }, () => originalsAt(prefix, limits)));
    const random = seededRandom(7);
    proxy.faultOf = () => {
      const at = random();
      return at < 0.15 ? 'lost' : at < 0.2 ? 'refused' : at < 0.205 ? 'silent' : undefined;
    };
    const acknowledged: number[] = [];
    const idOf = new Map<number, string>();
    const see = ({ version, versionId }: Original): void => {
      assert.equal(idOf.get(version) ?? versionId, versionId, `version ${version} was given twice`);
      idOf.set(version, versionId);
    };
    let isDone = false;
    let unknown = 0;
    /** A call whose outcome is unknown rejects, and may be repeated. */
    const untilKnown = async <Result>(call: () => Promise<Result>): Promise<Result> => {
      for (;;) {
        try {
          return await call();
        } catch (error) {
          assert.equal((error as Error).name, 'NoResponseError');
          unknown += 1;
        }
      }
    };
    const writers = sides.slice(0, 4).map(async (side, writer) => {
      for (let count = 0; count < versionCount / 4; count += 1) {
        const published = await untilKnown(() => publish(side, `${writer} ${count}`));
        see(published);
        assert.ok(!acknowledged.includes(published.version), `version ${published.version} was acknowledged twice`);
        acknowledged.push(published.version);
      }
    });
    const finders = sides.slice(4).map(async (side) => {
      let finds = 0;
      for (let last = 0; !isDone; finds += 1) {
        const newest = Math.max(0, last, ...acknowledged);
        const found = await untilKnown(() => side.find(cat));
        assert.ok((found?.version ?? 0) >= newest, `found ${found?.version}, after ${newest}`);
        if (found !== undefined) see(found);
        last = found?.version ?? 0;
      }
      assert.ok(finds > 0);
    });
    const writing = Promise.all(writers).finally(() => {
      isDone = true;
    });
    await Promise.all([writing, ...finders]);
    proxy.faultOf = () => undefined;
    const stored = new Set((await sides[0]?.versions(cat))?.map(({ version }) => version));
    const missing = acknowledged.filter((version) => !stored.has(version));
    // At most 101 versions stay, and those of unknown outcome are among them.
    assert.ok(missing.length <= Math.max(0, versionCount + unknown - 101), `${missing.length} versions are missing`);
    assert.ok(stored.size <= versionCount + unknown);
  }).timeout(120_000);
});

/** The first request of each kind has the fault. */
function onceForEach(fault: Fault): LosingProxy['faultOf'] {
  const seen = new Set<string>();
  return ({ method, url }) => {
    const line = `${method} ${url}`;
    if (seen.has(line)) return undefined;
    seen.add(line);
    return fault;
  };
}

async function* chunksOf(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
