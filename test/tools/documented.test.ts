import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constructCloudinaryUrl } from '@cloudinary-util/url-loader';
import { png } from '../../packages/cloud/test/upload-api/png.ts';
import { cloudinaryUrlIn, documentedBlocks } from './documented.ts';
import { apiKey, apiSecret, basic, startToolServer, type ToolServer } from './tool-server.ts';

const run = promisify(execFile);

describe('the settings in docs/tools.md', function () {
  this.timeout(30_000);
  let server: ToolServer;
  let folder: string;
  const blocks = (heading: string) => documentedBlocks(heading, { origin: server.origin, apiKey, apiSecret });

  before(async () => {
    server = await startToolServer();
    // Below the tests, so that the code finds the packages.
    folder = await mkdtemp(join(dirname(fileURLToPath(import.meta.url)), '.documented-'));
    await writeFile(join(folder, 'cat.png'), png(600, 400));
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  /** Runs a block in a process, and compares the values in its comments. */
  async function runBlock(code: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    const urls = [...code.matchAll(/ \/\/ (http\S+)$/gm)].map(([, url = '']) => url);
    const printing = code.replaceAll(/^(.*); \/\/ http\S+$/gm, 'console.log($1);');
    await writeFile(join(folder, 'block.ts'), printing);
    const { stdout } = await run(process.execPath, ['block.ts'], { cwd: folder, env: { ...process.env, ...env } });
    assert.deepEqual(stdout.trim().split('\n'), urls);
    return urls;
  }

  async function delivers(url: string): Promise<void> {
    const response = await fetch(url);
    assert.equal(response.status, 200, url);
    assert.match(response.headers.get('content-type') ?? '', /^image\//);
  }

  it('work for the Node SDK', async () => {
    const [variable, code = ''] = await blocks('Node SDK');
    const [url = ''] = await runBlock(code, { CLOUDINARY_URL: cloudinaryUrlIn(variable) });
    await delivers(url);
  });

  it('work for the CLI', async () => {
    const [block] = await blocks('CLI');
    const { hostname, username, password, searchParams } = new URL(cloudinaryUrlIn(block));
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    assert.equal(authorization, basic);
    const ping = `${searchParams.get('upload_prefix')}/v1_1/${hostname}/ping`;
    assert.equal((await fetch(ping, { headers: { authorization } })).status, 200);
    await delivers(`http://${searchParams.get('cname')}/${hostname}/image/upload/cat.png`);
  });

  it('work for Postman and newman', async () => {
    const [command = ''] = await blocks('Postman and newman');
    const official = 'https://api.cloudinary.com/v1_1/{{cloud_name}}/upload_presets/';
    await writeFile(join(folder, 'collection.json'), JSON.stringify({ item: [{ request: { url: official } }] }));
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const { default: collection } = await import(join(folder, 'safelight.json'), { with: { type: 'json' } });
    const url = collection.item[0].request.url.replace('{{cloud_name}}', 'demo');
    assert.equal((await fetch(url, { headers: { authorization: basic } })).status, 200);
  });

  it('work for url-gen', async () => {
    const [code = ''] = await blocks('url-gen');
    for (const url of await runBlock(code)) await delivers(url);
  });

  it('work for next-cloudinary', async () => {
    const [code = ''] = await blocks('next-cloudinary');
    const [, config = ''] = /config=\{(.*)\} \/>/.exec(code) ?? [];
    const { url } = new Function(`return ${config}`)() as { readonly url: object };
    const options = { src: 'cat', width: 300, height: 200 };
    await delivers(constructCloudinaryUrl({ options, config: { cloud: { cloudName: 'demo' }, url } }));
  });
});
