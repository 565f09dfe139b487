import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingService } from '../../../test/servers/missing-service.ts';
import { newBucket } from '../../s3/test/bucket-of-suite.ts';
import { ceph, hasCeph, missingCeph } from '../../s3/test/servers/ceph.ts';
import { endAll, safelight, serving } from './safelight-process.ts';

// A picture of 2 by 1 pixels.
const picture = Buffer.from('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw==', 'base64');

describe('safelight serve with buckets', () => {
  const folders: string[] = [];

  async function dataFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'safelight-cli-'));
    folders.push(folder);
    return folder;
  }

  afterEach(async () => {
    await endAll();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  it('refuses a URL that is not one of a bucket, and does not repeat it', async () => {
    const refused = ['s3://key:topsecret@pictures/x', 'data'].map(async (url) => {
      const { exit, errors } = safelight(['serve', '--data', await dataFolder(), '--originals', url]);
      assert.equal(await exit, 2);
      assert.match(errors(), /--originals must be s3:\/\/bucket\/prefix/);
      assert.doesNotMatch(errors(), /topsecret|\n {4}at /);
    });
    await Promise.all(refused);
  });

  it('does not start when the bucket cannot be reached', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'topsecret' };
    const place = ['--originals', 's3://pictures/o', '--s3-endpoint', 'http://127.0.0.1:9'];
    const { exit, errors } = safelight(['serve', '--data', await dataFolder(), ...place], env);
    assert.equal(await exit, 1);
    assert.match(
      errors(),
      /--originals: The bucket "pictures" could not be checked: .*ECONNREFUSED.*Check the endpoint/,
    );
    assert.doesNotMatch(errors(), /topsecret|\n {4}at /);
  });

  describe('on Ceph', () => {
    if (!hasCeph()) return missingService(missingCeph);
    before(async function () {
      this.timeout(60_000);
      await ceph();
    });

    it('delivers at one server what was uploaded to another one, and shares derivatives', async () => {
      const { endpoint, accessKeyId, secretAccessKey } = await ceph();
      const { bucket } = await newBucket(await ceph());
      const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      const places = [
        '--originals',
        `s3://${bucket}/o`,
        '--derivatives',
        `s3://${bucket}/d`,
        '--s3-endpoint',
        endpoint,
      ];
      const data = [await dataFolder(), await dataFolder()];
      const [first, second] = await Promise.all(
        data.map((folder) => serving(['--data', folder, '--upload-preset', 'open', ...places], env)),
      );
      assert.ok(first && second);
      const body = new FormData();
      body.append('upload_preset', 'open');
      body.append('public_id', 'cat');
      body.append('file', new Blob([picture]), 'cat.gif');
      const uploaded = await fetch(`${first.origin}/v1_1/demo/image/upload`, { method: 'POST', body });
      assert.equal(uploaded.status, 200, await uploaded.text());
      for (const { origin } of [second, first]) {
        const delivered = await fetch(`${origin}/demo/image/upload/w_20/cat.png`);
        assert.equal(delivered.status, 200);
        assert.equal(delivered.headers.get('content-type'), 'image/png');
        await delivered.arrayBuffer();
      }
      const copies = (await readdir(join(data[1] ?? '', 'cache', 'originals'))).filter((name) => name !== 'tmp');
      assert.equal(copies.length, 1, 'the original is a file for its handler');
      assert.deepEqual(await readdir(data[1] ?? ''), ['cache']);
    });
  });
});
