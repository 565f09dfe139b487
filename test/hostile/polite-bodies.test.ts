import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { apiKey, apiSecret, type HostileScene, startServe } from './serve.ts';

/** What people send: a photo of 8 MB as a data URI, in each encoding. */
describe('a photo of 8 MB as a data URI', function () {
  this.timeout(30_000);

  let scene: HostileScene;
  const photo = randomBytes(8_000_000);
  const file = `data:application/octet-stream;base64,${photo.toString('base64')}`;
  const etag = createHash('md5').update(photo).digest('hex');
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  before(async () => {
    scene = await startServe();
  });
  after(() => scene.end());

  async function assertStored(response: Response): Promise<void> {
    const json = (await response.json()) as { readonly bytes: number; readonly etag: string; readonly url: string };
    assert.equal(response.status, 200, JSON.stringify(json));
    assert.deepEqual([json.bytes, json.etag], [photo.length, etag]);
    assert.deepEqual(Buffer.from(await (await fetch(json.url)).arrayBuffer()), photo);
  }
  const send = (body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(`${scene.origin}/v1_1/demo/raw/upload`, { method: 'POST', body, headers }).then(assertStored);

  it('in JSON with Basic authorization, as the MCP server sends it', () =>
    send(JSON.stringify({ file, public_id: 'by-mcp', tags: ['a', 'b'] }), {
      ...{ authorization, 'content-type': 'application/json' },
    }));

  it('in FormData before the preset, as tutorials write it', () => {
    const body = new FormData();
    body.append('file', file);
    body.append('upload_preset', 'open');
    return send(body);
  });

  it('in FormData after the preset, and urlencoded', async () => {
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('file', file);
    await send(body);
    await send(new URLSearchParams({ upload_preset: 'open', file }));
  });
});
