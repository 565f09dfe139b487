import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type EntryTarget, root } from '../architecture/source-files.ts';
import { drawPicture, startSite } from '../browsers/site.ts';
import { installTarballs, type Project } from './installed.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly exports: Readonly<Record<string, string | EntryTarget>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

describe('the packed client', () => {
  let project: Project;
  let folder: string;
  let manifest: Manifest;
  let entries: readonly string[];

  before(async function () {
    this.timeout(30_000);
    project = await installTarballs();
    folder = project.packageFolder('@safelight/client');
    manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    entries = Object.keys(manifest.exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => join(manifest.name, entry));
  });
  after(() => project.remove());

  for (const name of ['@safelight/client', '@safelight/protocol']) {
    it(`${name} contains its code, its types, their sources, its README and its licence, and no other files`, async () => {
      const files = await readdir(project.packageFolder(name), { recursive: true, withFileTypes: true });
      const paths = files
        .filter((file) => file.isFile())
        .map((file) => join(file.parentPath, file.name).slice(project.packageFolder(name).length + 1));
      const expected =
        /^(?:dist\/[a-z0-9/-]+\.(?:(?:js|d\.ts)(?:\.map)?|d\.cts)|src\/[a-z0-9/-]+\.ts|(?:[a-z-]+\/)?package\.json|README\.md|LICENSE)$/;
      assert.deepEqual(
        paths.filter((path) => !expected.test(path)),
        [],
      );
      for (const path of ['README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']) {
        assert.ok(paths.includes(path), `${path} is missing`);
      }
    });
  }

  it('depends on versions that a registry has', () => {
    const asked = Object.entries(manifest.dependencies ?? {});
    assert.deepEqual(asked.map(([name]) => name).sort(), ['@safelight/protocol', 'ky']);
    for (const [name, range] of asked) assert.match(range, /^\^\d+\.\d+\.\d+$/, name);
  });

  it('imports, from every entry, only files in the package, each with its declarations and its source', async () => {
    const missing: string[] = [];
    const pending = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [] : target.default,
    );
    for (const path of pending) {
      const code = await readFile(join(folder, path), 'utf8').catch(() => '');
      const needed = [path, path.replace(/\.js$/, '.d.ts'), path.replace(/^\.\/dist/, './src').replace(/\.js$/, '.ts')];
      missing.push(...needed.filter((one) => !existsSync(join(folder, one))));
      for (const [, specifier = ''] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g)) {
        const next = `./${join(dirname(path), specifier)}`;
        if (!pending.includes(next)) pending.push(next);
      }
    }
    assert.deepEqual(missing, []);
    assert.ok(pending.length > entries.length);
  });

  it('can be imported and required in Node by every entry, with no side effect', async () => {
    const withoutReact = entries.filter((entry) => entry !== '@safelight/client/react');
    const report = JSON.parse(await project.node('import-all.ts', ...withoutReact));
    const { names, ...effects } = report;
    assert.deepEqual(effects, { requiredDifferently: [], newGlobals: [], busy: [], hasDom: false });
    assert.deepEqual(Object.keys(names), withoutReact);
    for (const entry of ['@safelight/client', '@safelight/client/url']) assert.ok(names[entry].length > 0, entry);
  });

  it('needs React only for the hooks, which can be imported in Node without a side effect', async () => {
    assert.ok(!existsSync(project.packageFolder('react')));
    await symlink(join(root, 'packages/client/node_modules/react'), project.packageFolder('react'));
    const { names, ...effects } = JSON.parse(await project.node('import-all.ts', '@safelight/client/react'));
    assert.deepEqual(effects, { requiredDifferently: [], newGlobals: [], busy: [], hasDom: false });
    assert.deepEqual(names, { '@safelight/client/react': ['SafelightImage', 'imgProps', 'useUpload', 'useUploads'] });
  });

  it('renders an image on a server', async () => {
    const html = await project.node('render.ts');
    const attributes = Object.fromEntries(
      [...html.matchAll(/ (\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    const { src = '', srcset = '', alt, width, height } = attributes;
    assert.deepEqual({ alt, width, height }, { alt: 'A &quot;cat&quot; &amp; more', width: '300', height: '200' });
    for (const url of [src, ...srcset.split(/,\s+/)]) {
      assert.match(
        url,
        /^https:\/\/pictures\.example\/demo\/image\/upload\/.*w_\d+.*\/v1795368841\/pets\/cat\.jpg( \w+)?$/,
      );
    }
  });

  it('uploads a file in a script of Node', async () => {
    const site = await startSite();
    try {
      const path = join(project.directory, 'picture.png');
      await writeFile(path, (await drawPicture()).bytes);
      const url = await project.node('upload-file.ts', site.origin, path);
      const response = await fetch(url.trim());
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/webp']);
    } finally {
      await site.close();
    }
  });
});
