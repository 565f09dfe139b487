import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawNoise } from '../browsers/noise.ts';
import { type Site, startSite } from '../browsers/site.ts';
import { startSlowLink } from '../browsers/slow-link.ts';
import { installTools, type ToolsProject } from './tools-project.ts';

const printed = ['https://pictures.example/demo/image/upload/w_300/v1795368841/cat.jpg', ...Array(6).fill('function')];

interface Runtime {
  readonly name: string;
  /** @default Node */
  readonly program?: string;
  readonly flags: readonly string[];
  readonly phases: readonly string[];
}

describe('the packed client, with the tools of applications', function () {
  this.timeout(180_000);

  let project: ToolsProject;
  before(async function () {
    // npm downloads some hundred megabytes where its cache is empty.
    this.timeout(900_000);
    project = await installTools();
  });
  after(() => project.remove());

  for (const tool of ['esbuild', 'vite', 'webpack', 'parcel', 'parcel-exports', 'metro', 'metro-exports']) {
    it(`is bundled by ${tool}, and the bundle runs`, async () => {
      await project.run(['build.js', tool]);
      assert.deepEqual(JSON.parse(await project.run([`out/${tool}/entries.js`])), printed);
    });
  }

  it('is rendered by Next.js, in a server component and in a client component', async () => {
    await project.run(['node_modules/next/dist/bin/next', 'build', 'next']);
    const html = await readFile(join(project.directory, 'next/.next/server/app/index.html'), 'utf8');
    const sources = [...html.matchAll(/<img id="(\w+)"[^>]* src="([^"]+)"/g)].map(([, id, src]) => [id, src]);
    assert.deepEqual(sources, [
      ['server', 'https://pictures.example/demo/image/upload/w_300/v1795368841/cat.jpg'],
      ['client', 'https://pictures.example/demo/image/upload/w_200/v1795368841/cat.jpg'],
    ]);
  });

  describe('in tests', () => {
    let site: Site;
    before(async () => {
      site = await startSite();
    });
    after(() => site.close());

    const jest = (...parameters: readonly string[]): Promise<string> =>
      project.run(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--ci', ...parameters], {
        env: { ENDPOINT: site.origin },
      });
    const vitest = (environment: string): Promise<string> =>
      project.run(['node_modules/vitest/vitest.mjs', 'run', '--globals', '--environment', environment, 'dom'], {
        env: { ENDPOINT: site.origin },
      });

    it('of jest with jsdom: the fake client, heal and attributes', async () => {
      await jest('--env=jsdom', 'dom/without-network');
    });

    it('of jest with jsdom and the fetch of Node: uploads', async () => {
      await jest('--env=./dom/jsdom-with-fetch.cjs', 'dom');
    });

    it('of jest as CommonJS modules', async function () {
      const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
      // jest can require ES modules since then.
      if (major < 24 || (major === 24 && minor < 9)) this.skip();
      await jest('--env=node', 'commonjs');
    });

    for (const environment of ['jsdom', 'happy-dom']) {
      it(`of vitest with ${environment}: uploads, the fake client, heal and attributes`, async () => {
        await vitest(environment);
      });
    }
  });

  describe('over a slow link', () => {
    let site: Site;
    before(async () => {
      site = await startSite();
      await writeFile(join(project.directory, 'noise.png'), await drawNoise(600, 400));
    });
    after(() => site.close());

    // Where bytes cannot be seen, nothing says when the last one has left.
    const runtimes: readonly Runtime[] = [
      { name: 'Bun', program: 'node_modules/bun/bin/bun.exe', flags: [], phases: ['queued', 'sending', 'ready'] },
      {
        name: 'Deno',
        flags: ['node_modules/deno/bin.cjs', 'run', '--allow-all'],
        phases: ['queued', 'sending', 'ready'],
      },
      { name: 'Node', flags: [], phases: ['queued', 'sending', 'processing', 'ready'] },
    ];
    for (const { name, program, flags, phases } of runtimes) {
      for (const [requests, chunkBytes] of [
        [1, 'Infinity'],
        [3, '300000'],
      ] as const) {
        it(`uploads with progress from ${name} in ${requests} requests, for longer than stallTimeoutMs`, async () => {
          const link = await startSlowLink(site.origin);
          link.bytesPerSecond = 400_000;
          const earlier = site.requests.length;
          try {
            const parameters = [...flags, 'upload.js', link.origin, 'noise.png', chunkBytes];
            const report = JSON.parse(await project.run(parameters, { program }));
            const { byteLength: bytes } = await readFile(join(project.directory, 'noise.png'));
            assert.deepEqual(report, { phases, bytes, status: 200 });
            const posts = site.requests.slice(earlier).filter(({ method }) => method === 'POST');
            assert.equal(posts.length, requests);
          } finally {
            await link.close();
          }
        });
      }
    }
  });
});
