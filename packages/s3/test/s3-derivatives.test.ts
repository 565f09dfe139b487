import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { CachedBytes, CachedHead } from '@safelight/core';
import { derivativesConformance } from '@safelight/originals/conformance';
import { type S3Derivatives, type S3DerivativesOptions, s3Derivatives } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';

describe('s3Derivatives on Ceph', () => {
  if (!hasCeph()) return missingService(missingCeph);
  const errors: unknown[] = [];
  let place: TestBucket;
  before(async function () {
    this.timeout(60_000);
    place = await newBucket(await ceph());
  });
  afterEach(() => {
    const unexpected = errors.splice(0).filter((error) => !/maxBytes/.test(String(error)));
    assert.deepEqual(unexpected, []);
  });
  after(removeTemporaryDirectories);

  async function create(prefix: string, options: Partial<S3DerivativesOptions> = {}): Promise<S3Derivatives> {
    const { client, bucket } = place;
    const cache = { directory: await temporaryDirectory() };
    const onError = (error: unknown) => errors.push(error);
    return s3Derivatives({
      client,
      bucket,
      prefix,
      cache,
      onError,
      sweepEveryMs: Number.POSITIVE_INFINITY,
      ...options,
    });
  }

  for (const [title, limits] of [
    ['in memory as well', {}],
    ['in the bucket and on disk', { hotBytes: 0, maxHotEntryBytes: 65_536 }],
  ] as const) {
    describe(title, () => {
      derivativesConformance({
        describe,
        it,
        evicts: 'at sweeps',
        create: async ({ maxBytes }) => {
          const prefix = randomUUID();
          const derivatives = await create(prefix, { maxBytes, ...limits });
          const elsewhere = await create(prefix, { maxBytes, ...limits });
          return { derivatives, elsewhere, sweep: derivatives.sweep };
        },
      });
    });
  }

  const content = Buffer.from('0123456789'.repeat(100_000));
  const head = { type: 'image/png' };

  it('streams a large derivative for which there is no room on this disk, also in part', async () => {
    const prefix = randomUUID();
    const name = await store(await create(prefix), content, head);
    const elsewhere = await create(prefix, { maxHotEntryBytes: 1000, cache: { directory: 'none', maxBytes: 0 } });
    const found = await elsewhere.open(name);
    assert.deepEqual([found?.head, found?.bytes, found?.body], [head, content.length, undefined]);
    assert.deepEqual(await read(found), content);
    assert.deepEqual(await read(found, 999_990), content.subarray(999_990));
    assert.deepEqual(await read(found, 5, 5), Buffer.alloc(0));
    await elsewhere.remove(name);
    await assert.rejects(read(found), /does not exist any more/);
    assert.equal(await elsewhere.open(name), undefined);
  });

  for (const [size, bytes] of [
    ['small', 10],
    ['large', 400_000],
    ['empty', 0],
  ] as const) {
    it(`stores a head that is too long for metadata: ${size}`, async () => {
      const prefix = randomUUID();
      const long = { text: 'ä'.repeat(5000) };
      const options = { maxHotEntryBytes: 65_536 };
      const name = await store(await create(prefix, options), content.subarray(0, bytes), long);
      const found = await (await create(prefix, options)).open(name);
      assert.deepEqual(found?.head, long);
      assert.deepEqual(await read(found), content.subarray(0, bytes));
      found?.release();
    });
  }

  it('counts damaged bytes as absent, and reports them', async () => {
    const prefix = randomUUID();
    const name = await store(await create(prefix), content.subarray(0, 1000), head);
    const Key = `${prefix}/d/${name.slice(0, 4)}-${name.slice(4, 6)}-${name.slice(6, 8)}/${name.slice(8)}`;
    const target = { Bucket: place.bucket, Key };
    const { Metadata } = await place.client.send(new HeadObjectCommand(target));
    for (const Body of [content.subarray(1, 1001), content.subarray(0, 999)]) {
      await place.client.send(new PutObjectCommand({ ...target, Body, Metadata }));
      assert.equal(await (await create(prefix)).open(name), undefined);
      assert.match(String(errors.pop()), /is damaged/);
    }
    await place.client.send(new PutObjectCommand({ ...target, Body: content.subarray(0, 1000) }));
    assert.equal(await (await create(prefix)).open(name), undefined);
    assert.match(String(errors.pop()), /is damaged/);
  });

  it('sweeps after it has written a share of the bound, oldest days first', async () => {
    const prefix = randomUUID();
    let now = Date.UTC(2026, 0, 1);
    const options = { maxBytes: 100_000, sweepEveryMs: 3_600_000, hotBytes: 0, clock: () => now };
    const derivatives = await create(prefix, options);
    const names: string[] = [];
    for (let day = 0; day < 12; day += 1) {
      now += 24 * 3_600_000;
      names.push(await store(derivatives, content.subarray(0, 10_000), head));
    }
    await derivatives.sweep();
    const there = await Promise.all(names.map(async (name) => (await derivatives.open(name)) !== undefined));
    assert.deepEqual(
      there,
      names.map((_, index) => index >= 3),
    );
  });

  it('has the same place for the same bucket and prefix', async () => {
    const places = ['a', 'a/', 'b'].map(async (prefix) => (await create(prefix)).place);
    const [a, b, c] = await Promise.all(places);
    assert.equal(a, b);
    assert.notEqual(a, c);
    assert.equal((await create('a', { place: 'mine' })).place, 'mine');
  });
});

async function store(derivatives: S3Derivatives, content: Buffer, head: CachedHead): Promise<string> {
  const draft = derivatives.create();
  await draft.write(content);
  draft.end();
  const name = await draft.store(head);
  assert.ok(name);
  return name;
}

async function read(found: CachedBytes | undefined, start?: number, end?: number): Promise<Buffer> {
  assert.ok(found);
  return Buffer.concat(await found.read(start, end).toArray());
}
