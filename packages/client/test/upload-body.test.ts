import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fileFromPath } from '@safelight/client/node';
import { createUploader, type UploadBody, type Uploader } from '@safelight/client/upload';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

describe('the body of an upload', () => {
  let server: TestServer;
  let upload: Uploader;
  let directory: string;
  beforeEach(async () => {
    server = await startTestServer((_request, res) => respondWithJson(res, catResponse));
    upload = createUploader({ endpoint: server.origin, cloudName: 'demo', random: () => 0 });
    directory = await mkdtemp(join(tmpdir(), 'safelight-body-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });
  const sent = () => server.requests.map(({ fields }) => fields.at(-1)?.value);

  it('may be a view of one part of a buffer', async () => {
    await upload(new TextEncoder().encode('a picture').subarray(2));
    await upload(Buffer.from('a picture').subarray(0, 5));
    assert.deepEqual(sent(), ['picture', 'a pic']);
  });

  it('is copied at the call, so later changes of the bytes have no effect', async () => {
    const bytes = new TextEncoder().encode('picture');
    const task = upload(bytes);
    bytes.fill(0);
    await task;
    assert.deepEqual(sent(), ['picture']);
  });

  it('is the file of the task; its preview is made once and revoked with the task', async () => {
    const body = new File(['picture'], 'cat.jpg', { type: 'image/jpeg' });
    const task = upload(body);
    assert.equal(task.file, body);
    const url = task.preview ?? '';
    assert.match(url, /^blob:/);
    assert.equal(task.preview, url);
    await task;
    assert.equal(await (await fetch(url)).text(), 'picture');
    task[Symbol.dispose]();
    assert.equal(task.preview, undefined);
    await assert.rejects(fetch(url));
    assert.equal(task.phase, 'ready');
  });

  it('has no preview after the task was disposed of, also when it was not read before', async () => {
    const task = upload(new Blob(['picture']));
    task[Symbol.dispose]();
    assert.equal(task.preview, undefined);
    await assert.rejects(task, { name: 'AbortError' });
  });

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['an empty file', new File([], 'cat.jpg'), /^This File has no bytes to upload/],
    ['an empty buffer', new ArrayBuffer(0), /^This ArrayBuffer has no bytes/],
    ['a path', 'cat.jpg', /^This String .*fileFromPath\(path\)/],
    ['a stream', new Blob(['x']).stream(), /^This ReadableStream .*new Response\(stream\)\.blob\(\)/],
    ['nothing', undefined, /^This Undefined .*Blob, File, ArrayBuffer or Uint8Array/],
    ['a view of numbers', new Float64Array(1), /^This Float64Array /],
  ];
  for (const [name, body, message] of refused) {
    it(`must not be ${name}`, async () => {
      const task = upload(body as UploadBody);
      await assert.rejects(task, { code: 'invalid_body', retryable: false, message });
      assert.equal(task.phase, 'failed');
      assert.equal(task.file.size, 0);
      assert.equal(server.requests.length, 0);
    });
  }

  describe('from a path', () => {
    it('is read while it is sent, with its base name', async () => {
      const path = join(directory, 'my cat.jpg');
      await writeFile(path, 'picture');
      await upload(await fileFromPath(path));
      await upload(await fileFromPath(pathToFileURL(path)));
      assert.deepEqual(sent(), ['picture', 'picture']);
      assert.deepEqual(
        server.requests.map(({ fields }) => fields.at(-1)?.filename),
        ['my cat.jpg', 'my cat.jpg'],
      );
    });

    it('must exist', async () => {
      const path = join(directory, 'none.jpg');
      await assert.rejects(fileFromPath(path), { code: 'invalid_body', message: /none\.jpg" cannot be opened/ });
    });

    it('must not be a directory', async () => {
      const path = join(directory, 'folder');
      await mkdir(path);
      await assert.rejects(upload(await fileFromPath(path)), { code: 'invalid_body', message: /or it is a directory/ });
    });

    for (const watching of [{}, { onProgress: () => undefined }]) {
      it(`must not change during the upload${watching.onProgress ? ', also when bytes are counted' : ''}`, async () => {
        const path = join(directory, 'cat.jpg');
        await writeFile(path, 'picture');
        const file = await fileFromPath(path);
        await writeFile(path, 'another picture');
        await assert.rejects(upload(file, watching), {
          code: 'invalid_body',
          message: /changed or removed since it was chosen.*Choose it again\.$/,
        });
        assert.equal(server.requests.length, 0);
      });
    }
  });
});
