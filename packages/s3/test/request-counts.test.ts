import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { s3Derivatives, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { clientOf, newBucket, removeTemporaryDirectories, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';
import { type LosingProxy, losingProxy } from './servers/losing-proxy.ts';

const cat = { resourceType: 'image', publicId: 'cat' } as const;
const dog = { resourceType: 'image', publicId: 'dog' } as const;

describe('the requests that each call costs', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let proxy: LosingProxy;
  let bucket: string;
  before(async function () {
    this.timeout(60_000);
    const server = await ceph();
    ({ bucket } = await newBucket(server));
    proxy = await losingProxy(server);
  });
  after(async () => {
    await proxy.close();
    await removeTemporaryDirectories();
  });

  /** Counts the requests of a call, such as `{ GET: 1, LIST: 1 }`. DELETE costs nothing, and is not counted. */
  async function count(call: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = proxy.seen.length;
    await call();
    const counts: Record<string, number> = {};
    for (const [line] of proxy.seen.slice(before)) {
      const kind = line.includes('list-type=2') ? 'LIST' : (line.split(' ', 1)[0] ?? '');
      if (kind !== 'DELETE') counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  it('of originals', async () => {
    const prefix = randomUUID();
    const create = async () => {
      const cache = { directory: await temporaryDirectory() };
      const originals = s3Originals({ client: clientOf(proxy), bucket, prefix, cache });
      await originals.check();
      return originals;
    };
    const [here, there] = [await create(), await create()];
    const publish = async () => {
      const received = await here.receive(chunksOf('meow'), { maxBytes: 100 });
      await here.publish(received, { ...cat, format: 'jpg' });
    };
    assert.deepEqual(await count(() => here.check()), {}, 'a check succeeds once');
    assert.deepEqual(await count(() => here.find(cat)), { LIST: 1 });
    assert.deepEqual(await count(publish), { PUT: 2, LIST: 2, GET: 1 });
    assert.deepEqual(await count(publish), { PUT: 2, LIST: 2, GET: 1 });
    assert.deepEqual(await count(() => there.find(cat)), { LIST: 1, GET: 1 });
    assert.deepEqual(await count(() => there.find(cat)), { LIST: 1 });
    assert.deepEqual(await count(() => there.versions(cat)), { LIST: 1 });
    const original = await there.find(cat);
    const derivations = Array.from({ length: 5 }, () => original?.toFile?.());
    assert.deepEqual(await count(() => Promise.all(derivations)), { GET: 1 });
    assert.notEqual((await there.find(cat))?.localPath, undefined);
    assert.notEqual((await here.find(cat))?.localPath, undefined, 'an uploaded file becomes a copy');
    const tag = () => here.changeFacts(cat, () => ({ tags: [randomUUID()] }));
    assert.deepEqual(await count(tag), { PUT: 1, LIST: 2, GET: 1 });
    const renamed = await count(() => here.rename(cat, dog, { overwrite: false }));
    assert.deepEqual(renamed, { PUT: 3, LIST: 6, GET: 2 }, 'one PUT is a copy');
    assert.deepEqual(await count(() => here.destroy(dog)), { PUT: 1, LIST: 2, GET: 1 });
  });

  it('of derivatives', async () => {
    const prefix = randomUUID();
    const create = async () => {
      const cache = { directory: await temporaryDirectory() };
      return s3Derivatives({ client: clientOf(proxy), bucket, prefix, cache, sweepEveryMs: Number.POSITIVE_INFINITY });
    };
    const [here, there] = [await create(), await create()];
    const draft = here.create();
    draft.write(Buffer.from('picture'));
    draft.end();
    let name: string | undefined;
    const store = async () => (name = await draft.store({ type: 'image/png' }));
    assert.deepEqual(await count(store), { PUT: 1 });
    const open = (derivatives: typeof here) => count(async () => (await derivatives.open(name ?? ''))?.release());
    assert.deepEqual([await open(here), await open(there), await open(there)], [{}, { GET: 1 }, {}]);
  });
});

async function* chunksOf(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}
