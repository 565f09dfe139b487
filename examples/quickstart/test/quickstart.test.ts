import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createClient } from '@safelight/client';
import sharp from 'sharp';
import { type ExampleServer, startExample } from '../../browser/test/example-server.ts';

const serverFile = new URL('../server.ts', import.meta.url);

describe('the quickstart', () => {
  let server: ExampleServer;
  let origin: string;

  before(async () => {
    server = await startExample(serverFile, 'quickstart');
    ({ origin } = server);
  });
  after(() => server.close());

  it('has at most 60 lines', async () => {
    const lines = (await readFile(serverFile, 'utf8')).trimEnd().split('\n');
    assert.ok(lines.length <= 60, `${lines.length} lines`);
  });

  it('serves the page and every module that its import map names', async () => {
    const page = await (await fetch(origin)).text();
    const [, map = '{}'] = /<script type="importmap">([^<]*)/.exec(page) ?? [];
    const { imports } = JSON.parse(map) as { readonly imports: Readonly<Record<string, string>> };
    const files = ['/app.js', '/style.css', ...Object.values(imports)];
    assert.equal(files.length, 5);
    for (const file of files) assert.equal((await fetch(origin + file)).status, 200, file);
  });

  it('loads nothing from other servers', async () => {
    for (const file of ['/', '/app.js', '/style.css']) {
      const text = (await (await fetch(origin + file)).text()).replaceAll('http://www.w3.org/2000/svg', '');
      assert.doesNotMatch(text, /https?:\/\//, file);
    }
  });

  it('delivers the sample in the requested size', async () => {
    const response = await fetch(`${origin}/demo/image/upload/c_fill,h_200,w_300/sample.jpg`);
    assert.equal(response.status, 200);
    const { format, width, height } = await sharp(await response.arrayBuffer()).metadata();
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 300, height: 200 });
  });

  it('delivers a picture that was requested too early at once after its upload', async () => {
    const early = `${origin}/demo/image/upload/c_fill,h_80,w_120/story.jpg`;
    const failing = await fetch(early);
    assert.equal(failing.status, 404);
    assert.equal(failing.headers.get('x-safelight-error'), 'missing_original');
    const placeholder = await sharp(await failing.arrayBuffer()).metadata();
    assert.deepEqual([placeholder.width, placeholder.height], [120, 80]);

    const client = createClient({ endpoint: origin, cloudName: 'demo', uploadPreset: 'quickstart' });
    const sample = await (await fetch(`${origin}/demo/image/upload/sample.jpg`)).blob();
    const asset = await client.upload(sample, { publicId: 'story' });
    for (const url of [early, asset.url({ width: 120, height: 80, crop: 'fill' })]) {
      const response = await fetch(url);
      assert.equal(response.status, 200, url);
      await response.arrayBuffer();
    }
    assert.equal((await client.why(early)).verdict, 'ok');
  });
});
