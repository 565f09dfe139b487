import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { originalsConformance, unfinishedUploadsConformance } from '@safelight/originals/conformance';
import { type S3Originals, type S3OriginalsOptions, s3Originals } from '@safelight/s3';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket, removeTemporaryDirectories, type TestBucket, temporaryDirectory } from './bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from './servers/ceph.ts';

describe('s3Originals on Ceph', () => {
  if (!hasCeph()) return missingService(missingCeph);
  let place: TestBucket;
  before(async function () {
    this.timeout(60_000);
    place = await newBucket(await ceph());
  });
  after(removeTemporaryDirectories);

  async function create(prefix: string, options: Partial<S3OriginalsOptions> = {}): Promise<S3Originals> {
    const { client, bucket } = place;
    return s3Originals({ client, bucket, prefix, cache: { directory: await temporaryDirectory() }, ...options });
  }

  originalsConformance({
    describe,
    it,
    create: async (options) => {
      const prefix = randomUUID();
      return { originals: await create(prefix, options), elsewhere: await create(prefix, options) };
    },
  });

  describe('with unfinished uploads', () => {
    unfinishedUploadsConformance({
      describe,
      it,
      create: async () => {
        const prefix = randomUUID();
        return { originals: await create(prefix), elsewhere: await create(prefix) };
      },
    });
  });

  describe('with an entry that cannot be read', () => {
    const cat = { resourceType: 'image', publicId: 'cat' } as const;
    const damages: readonly (readonly [string, (text: string) => string, RegExp])[] = [
      ['damaged', (text) => text.replace('"highest"', '"lowest"'), /is damaged: .* Restore the object/],
      ['cut', (text) => text.slice(0, 50), /is damaged/],
      [
        'of a newer release',
        (text) => text.replace('{"schema":1', '{"schema":2'),
        /has schema 2, but .* only schema 1/,
      ],
    ];
    for (const [title, change, message] of damages) {
      it(`rejects and changes nothing when it is ${title}, and lists the other assets`, async () => {
        const { client, bucket } = place;
        const prefix = randomUUID();
        const writer = await create(prefix);
        for (const publicId of ['cat', 'dog']) {
          const received = await writer.receive(Readable.from([Buffer.from('bytes')]), { maxBytes: 100 });
          await writer.publish(received, { ...cat, publicId, format: 'jpg' });
        }
        const { Contents = [] } = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/a/` }),
        );
        for (const { Key = '' } of Contents) {
          const target = { Bucket: bucket, Key };
          const text = (await (await client.send(new GetObjectCommand(target))).Body?.transformToString()) ?? '';
          const isCat = text.includes('"publicId":"cat"');
          if (isCat) await client.send(new PutObjectCommand({ ...target, Body: change(text) }));
        }
        const originals = await create(prefix);
        await assert.rejects(originals.find(cat), { name: 'UnreadableEntryError', message });
        await assert.rejects(originals.destroy(cat), { name: 'UnreadableEntryError', message });
        const listed: string[] = [];
        for await (const { publicId } of originals.list()) listed.push(publicId);
        assert.deepEqual(listed, ['dog']);
      });
    }
  });
});
