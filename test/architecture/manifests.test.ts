import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EntryManifest, entryFolders, withEntryFields } from '../../scripts/packages/entries.ts';
import { packageNames, root } from './source-files.ts';

/** The fields that npm and its pages show. */
interface Published {
  readonly version: string;
  readonly private?: boolean;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly license: string;
  readonly author: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly publishConfig?: { readonly access: string };
}

const read = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

describe('the manifests', () => {
  // The root manifest decides the address of the repository; the other manifests must repeat it.
  const ofRoot = read<Published>('package.json');
  const pageOf = ofRoot.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

  it('the root manifest names one repository in all of its fields', () => {
    assert.match(ofRoot.repository.url, /^git\+https:\/\/\S+\.git$/);
    assert.equal(ofRoot.homepage, `${pageOf}#readme`);
    assert.equal(ofRoot.bugs.url, `${pageOf}/issues`);
  });

  it('the root manifest names the holder of the copyright in LICENSE', () => {
    const [, holder] = /^Copyright \(c\) \d{4} (.+)$/m.exec(readFileSync(join(root, 'LICENSE'), 'utf8')) ?? [];
    assert.equal(ofRoot.author, holder);
  });

  for (const name of packageNames()) {
    it(`@safelight/${name} has a description, its repository, its author and its licence`, () => {
      const { keywords, description, ...manifest } = read<Published>(`packages/${name}/package.json`);
      assert.deepEqual(
        {
          homepage: manifest.homepage,
          bugs: manifest.bugs,
          repository: manifest.repository,
          license: manifest.license,
          author: manifest.author,
          engines: manifest.engines,
          publishConfig: manifest.publishConfig,
        },
        {
          homepage: `${pageOf}/tree/main/packages/${name}#readme`,
          bugs: ofRoot.bugs,
          repository: { ...ofRoot.repository, directory: `packages/${name}` },
          license: ofRoot.license,
          author: ofRoot.author,
          engines: ofRoot.engines,
          publishConfig: { access: 'public' },
        },
      );
      assert.equal(manifest.private, undefined);
      assert.match(description, /\S.{9,}/);
      assert.ok(keywords.includes('safelight') && keywords.length >= 3, `keywords: ${keywords.join()}`);
      assert.equal(new Set(keywords).size, keywords.length, 'a keyword is listed twice');
      assert.ok(existsSync(join(root, 'packages', name, 'README.md')));
    });
  }

  for (const name of packageNames()) {
    it(`every entry of @safelight/${name} has declarations for CommonJS, and a folder for resolvers without "exports"`, () => {
      const manifest = read<EntryManifest>(`packages/${name}/package.json`);
      assert.deepEqual(manifest, withEntryFields(manifest), 'run pnpm entries');
      const folders = readdirSync(join(root, 'packages', name)).filter((folder) =>
        existsSync(join(root, 'packages', name, folder, 'package.json')),
      );
      const written = folders.map((folder) => [folder, read<object>(`packages/${name}/${folder}/package.json`)]);
      assert.deepEqual(Object.fromEntries(written), entryFolders(manifest), 'run pnpm entries, or remove the folder');
    });
  }

  it('all packages have one version, and examples are never published', () => {
    const versions = packageNames().map((name) => read<Published>(`packages/${name}/package.json`).version);
    assert.equal(new Set(versions).size, 1, versions.join());
    for (const name of readdirSync(join(root, 'examples'))) {
      assert.equal(read<Published>(`examples/${name}/package.json`).private, true, name);
    }
  });
});
