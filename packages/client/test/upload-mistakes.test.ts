import assert from 'node:assert/strict';
import { createUploader, type UploadBody, type UploaderOptions } from '@safelight/client/upload';
import { catResponse } from './recorded-responses.ts';
import { respondWithJson, startTestServer, type TestServer } from './upload-server.ts';

const file = new Blob(['picture']);

describe('a mistake in an upload', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer((_request, res) => respondWithJson(res, catResponse));
  });
  after(() => server.close());
  const uploader = (options: Partial<UploaderOptions> = {}) =>
    createUploader({ endpoint: server.origin, cloudName: 'demo', ...options });

  it('sign() never settles: it is stalled', async () => {
    const upload = uploader({ sign: () => new Promise(() => undefined) });
    await assert.rejects(upload(file, { stallTimeoutMs: 20 }), {
      code: 'stalled',
      message: 'The option sign has not settled for 20 ms.',
    });
  });

  it('headers() never settles: it is stalled, also in parts', async () => {
    const upload = uploader({ headers: () => new Promise(() => undefined), chunkBytes: 3 });
    await assert.rejects(upload(file, { stallTimeoutMs: 20 }), {
      code: 'stalled',
      message: 'The option headers has not settled for 20 ms.',
    });
  });

  it('sign() resolves with something else', async () => {
    const upload = uploader({ sign: async () => ({ signature: 'ab' }) as never });
    await assert.rejects(upload(file), {
      code: 'protocol',
      message: /must resolve with \{ signature, timestamp, apiKey/,
    });
  });

  it('headers() returns a content type, which would replace that of the form', async () => {
    const upload = uploader({ headers: () => ({ 'Content-Type': 'application/json' }) });
    await assert.rejects(upload(file), { name: 'TypeError', message: /must not return Content-Type/ });
  });

  const bodies: readonly (readonly [string, unknown, RegExp])[] = [
    ['a list of files', [new File(['x'], 'x')], /^This Array .*input\.files\[0\].*uploadAll\(\)/],
    ['a FileList', { [Symbol.toStringTag]: 'FileList', length: 1 }, /^This FileList .*uploadAll\(\)/],
    ['a data URL', 'data:image/png;base64,AAAA', /^This String .*fetch\(url\)\)\.blob\(\)/],
    ['an empty file', new File([], 'x'), /^This File has no bytes to upload/],
    ['nothing', undefined, /^This Undefined .*Pass a Blob/],
  ];
  for (const [name, body, message] of bodies) {
    it(`the body is ${name}`, async () => {
      await assert.rejects(uploader()(body as UploadBody), { code: 'invalid_body', message });
    });
  }

  it('sends nothing', () => {
    assert.equal(server.requests.length, 0);
  });
});
