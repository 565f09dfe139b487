import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, safelight, serving } from './safelight-process.ts';

describe('safelight serve behind a proxy', () => {
  let data: string;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'safelight-proxy-'));
  });
  afterEach(endAll);
  after(() => rm(data, { recursive: true }));

  async function urlOfUpload(...flags: readonly string[]): Promise<string> {
    const { origin } = await serving(['--data', data, '--index', 'none', '--upload-preset', 'open', ...flags]);
    const body = new FormData();
    body.append('upload_preset', 'open');
    body.append('file', new Blob(['notes']), 'notes.txt');
    const headers = { 'x-forwarded-host': 'img.example.org', 'x-forwarded-proto': 'https' };
    const response = await fetch(`${origin}/v1_1/demo/raw/upload`, { method: 'POST', body, headers });
    return ((await response.json()) as { readonly url: string }).url;
  }

  it('has the URLs of the proxy only when the proxy is trusted, or with --delivery-origin', async () => {
    assert.match(await urlOfUpload(), /^http:\/\/127\.0\.0\.1:/);
    assert.match(await urlOfUpload('--trust-proxy', 'loopback'), /^https:\/\/img\.example\.org\/demo\//);
    assert.match(await urlOfUpload('--trust-proxy', '1'), /^https:\/\/img\.example\.org\/demo\//);
    assert.match(
      await urlOfUpload('--delivery-origin', 'https://cdn.example.org'),
      /^https:\/\/cdn\.example\.org\/demo\//,
    );
  });

  it('names a wrong value and does not start', async () => {
    const wrong = safelight(['serve', '--port', '0', '--data', data, '--trust-proxy', 'nowhere']);
    assert.equal(await wrong.exit, 2);
    assert.match(wrong.errors(), /nowhere/);
    const origin = safelight(['serve', '--port', '0', '--data', data, '--delivery-origin', 'img.example.org/x']);
    assert.equal(await origin.exit, 2);
    assert.match(origin.errors(), /"img\.example\.org\/x" is not an origin/);
  });
});
