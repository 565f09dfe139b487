import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mediaFormatOf } from '../../src/upload-api/media-signature.ts';
import { type ApiServer, form, startApi } from './api-server.ts';
import { mediaFiles, otherFiles } from './media-files.ts';
import { png } from './png.ts';

describe('the type auto', () => {
  let api: ApiServer;
  afterEach(() => api.close());

  async function upload(bytes: Uint8Array<ArrayBufferLike>, name: string, type = 'auto') {
    const body = form({ upload_preset: 'quickstart' }, new Uint8Array(bytes), name);
    const response = await fetch(`${api.apiUrl}/${type}/upload`, { method: 'POST', body });
    return { status: response.status, json: (await response.json()) as Readonly<Record<string, unknown>> };
  }

  it('finds videos and audio files by their bytes, whatever their name is', async () => {
    api = await startApi();
    for (const [format, bytes] of Object.entries(mediaFiles)) {
      const { json } = await upload(bytes, 'file.png');
      assert.deepEqual([json['resource_type'], json['format']], ['video', format], format);
      assert.match(String(json['url']), new RegExp(`/demo/video/upload/v\\d+/[a-z0-9]{20}\\.${format}$`));
    }
  });

  it('stores all other files as raw, whatever their name is', async () => {
    api = await startApi();
    for (const [what, bytes] of Object.entries(otherFiles)) {
      const { json } = await upload(bytes, 'holiday.mp4');
      assert.equal(json['resource_type'], 'raw', what);
      assert.match(String(json['public_id']), /^[a-z0-9]{20}\.mp4$/);
    }
    assert.equal((await upload(png(4, 3), 'holiday.mp4')).json['resource_type'], 'image');
  });

  it('refuses a PDF, as the type image does, and says what to do', async () => {
    api = await startApi();
    const pdf = Buffer.from('%PDF-1.7\n1 0 obj\n');
    for (const type of ['auto', 'image']) {
      const { status, json } = await upload(pdf, 'paper.pdf', type);
      assert.equal(status, 400);
      assert.match(JSON.stringify(json['error']), /PDF .*upload it with resource_type raw/);
    }
    assert.deepEqual(await api.temporaryFiles(), []);
    const raw = await upload(pdf, 'paper.pdf', 'raw');
    assert.deepEqual([raw.status, raw.json['resource_type']], [200, 'raw']);
  });

  it('refuses a PDF also when the handler has no probe', async () => {
    api = await startApi({ handler: async () => assert.fail('Nothing is derived here') });
    assert.equal((await upload(Buffer.from('%PDF-1.7\n'), 'paper.pdf')).status, 400);
    assert.equal((await upload(mediaFiles['webm'] ?? assert.fail(), 'x')).json['resource_type'], 'video');
  });
});

describe('the signature of a media file', () => {
  it('is read from any bytes without an error', () => {
    const starts = fc.constantFrom(...Object.values(mediaFiles), ...Object.values(otherFiles));
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 60 }), (start, bytes, cutAt) => {
        const format = mediaFormatOf(Buffer.concat([start.subarray(0, cutAt), bytes]));
        assert.ok(format === undefined || /^[a-z0-9]{2,4}$/.test(format));
      }),
    );
  });

  it('is never found in text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~\n]{0,300}$/), (text) => {
        fc.pre(!/^#!AMR/.test(text));
        assert.equal(mediaFormatOf(Buffer.from(text)), undefined);
      }),
    );
  });
});
