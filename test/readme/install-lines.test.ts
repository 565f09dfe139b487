import assert from 'node:assert/strict';
import { manifestOf, packageNames } from '../architecture/source-files.ts';
import { markdownFiles } from './markdown.ts';

/** The packages in the lines `npm install …` of a document. */
function installed(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^npm install (.+)$/gm)].map(([, names = '']) =>
    names.split(' ').filter((name) => !name.startsWith('-')),
  );
}

/** The packages that a user may install with one of ours: its dependencies, its optional peers, and those of its tests. */
function knownOf(name: string): readonly string[] {
  const { dependencies, devDependencies, peerDependencies } = manifestOf(name);
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
}

describe('the lines that install', () => {
  const files = markdownFiles();

  for (const name of packageNames()) {
    it(`packages/${name}/README.md begins with the installation of the package`, () => {
      const text = files.find(({ path }) => path === `packages/${name}/README.md`)?.text ?? '';
      const own = `@safelight/${name}`;
      const [first = []] = installed(text);
      assert.equal(first[0], own);
      const line = text.split('\n').findIndex((content) => content.startsWith('npm install '));
      assert.ok(line > 0 && line < 12, `line ${line + 1}`);
    });
  }

  it('name only packages that exist', () => {
    const ours = packageNames().map((name) => `@safelight/${name}`);
    const known = new Set([...ours, ...packageNames().flatMap(knownOf)]);
    const unknown = files.flatMap(({ path, text }) =>
      installed(text)
        .flat()
        .filter((name) => !known.has(name))
        .map((name) => `${path}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it('are in README.md for each package that a new user needs', () => {
    const ofRoot = installed(files.find(({ path }) => path === 'README.md')?.text ?? '').flat();
    for (const name of ['@safelight/express', '@safelight/cloud', '@safelight/client']) {
      assert.ok(ofRoot.includes(name), name);
    }
  });
});
