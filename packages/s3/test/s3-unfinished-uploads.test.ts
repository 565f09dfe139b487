import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { UnfinishedUpload } from '@safelight/core';
import { type S3Originals, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';

const film = { key: 'ab'.repeat(32), sender: '0123456789abcdef' };
const facts = { resourceType: 'raw', publicId: 'film', client: 'c1' } as const;

describe('unfinished uploads of s3Originals', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let place: TestBucket;
  let prefix: string;
  before(async function () {
    this.timeout(60_000);
    place = await newBucket(await ceph());
  });
  beforeEach(() => {
    prefix = randomUUID();
  });
  after(removeTemporaryDirectories);

  async function create(): Promise<S3Originals> {
    const { client, bucket } = place;
    return s3Originals({ client, bucket, prefix, cache: { directory: await temporaryDirectory() } });
  }

  async function keys(): Promise<readonly string[]> {
    const { client, bucket } = place;
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/u/` }));
    return Contents.map(({ Key = '' }) => Key);
  }

  it('take one of two contradicting parts that two processes add at the same time', async () => {
    const [here, there] = [await create(), await create()];
    const results = await Promise.all([addPart(here, 0, 'abc'), addPart(there, 0, 'xyz')]);
    assert.ok(results.some((upload) => upload !== undefined));
    const upload = await here.unfinished?.read(film);
    assert.equal(upload?.parts.length, 1);
    assert.deepEqual(await there.unfinished?.read(film), upload);
  });

  it('forget all parts of an upload when a process was killed while it removed the upload', async () => {
    const originals = await create();
    await addPart(originals, 0, 'abc');
    const { client, bucket } = place;
    const Key = (await keys()).find((key) => key.endsWith('/facts'));
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    assert.equal(await originals.unfinished?.read(film), undefined);
    const upload = await addPart(originals, 3, 'def');
    assert.deepEqual(
      upload?.parts.map(({ start }) => start),
      [3],
    );
    await originals.unfinished?.list();
    assert.equal((await keys()).length, 2, 'the facts and one part');
    await originals.unfinished?.remove(film);
    assert.deepEqual(await keys(), []);
  });

  it('have the time of their last part after the outcome', async () => {
    const originals = await create();
    await addPart(originals, 0, 'abc', 9000);
    await originals.unfinished?.settle(film, 'done', 5000);
    assert.deepEqual(
      (await originals.unfinished?.list())?.map(({ usedAt, bytes }) => [usedAt, bytes]),
      [[9000, 0]],
    );
  });
});

async function addPart(
  originals: S3Originals,
  start: number,
  content: string,
  usedAt = 1000,
): Promise<UnfinishedUpload | undefined> {
  const chunks = (async function* () {
    yield Buffer.from(content);
  })();
  const received = await originals.receive(chunks, { maxBytes: 1000 });
  const etag = createHash('md5').update(content).digest('hex');
  const part = { start, end: start + content.length, total: undefined, etag };
  return originals.unfinished?.add(film, { facts, part, received, usedAt });
}
