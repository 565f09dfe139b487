import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageNames, root } from '../architecture/source-files.ts';
import { behavioursIn, wrongPaths } from './behaviours.ts';
import { markdownFiles } from './markdown.ts';
import { codeNamesIn, unknownNames } from './names.ts';
import { readSurface, type Surface } from './surface.ts';

/** Names of other software, in texts that mention them without their object. */
const otherNames: readonly string[] = [
  ...['next', 'sendFile'], // Express
  ...['writeHead', 'flushHeaders'], // Node
  ...['disableOfflineQueue', 'socketTimeout', 'pingInterval', 'throwOnErrors'], // options of @keyv/redis
  ...['link', 'rename'], // system calls
  'TypeError', // JavaScript
];

const ownOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];

describe('the names in the documents', function () {
  this.timeout(60_000);

  let surface: Surface;
  before(() => {
    surface = readSurface();
  });

  const files = markdownFiles().filter(({ path }) => /^(packages\/[^/]+\/)?README\.md$/.test(path));
  for (const { path, text } of files) {
    it(`${path} names only exports and files that exist`, () => {
      const own = ownOf(path);
      assert.deepEqual(unknownNames(codeNamesIn(text, own), surface, otherNames, own), []);
    });
  }

  const agents = markdownFiles().find(({ path }) => path === 'AGENTS.md')?.text ?? '';

  it('AGENTS.md names only files and folders that exist', () => {
    const paths = [...agents.matchAll(new RegExp(`(?<![\\w/@])(${packageNames().join('|')})/([\\w./-]*\\w)`, 'g'))];
    assert.ok(paths.length > 20);
    const missing = paths.filter(([, name = '', rest = '']) =>
      [`src/${rest}.ts`, `src/${rest}`, rest].every((path) => !existsSync(join(root, 'packages', name, path))),
    );
    assert.deepEqual(
      missing.map(([path]) => path),
      [],
    );
  });

  it('AGENTS.md has an existing source and an existing test for each behaviour', () => {
    const behaviours = behavioursIn(agents);
    assert.ok(behaviours.length >= 35, `${behaviours.length} behaviours`);
    assert.deepEqual(behaviours.flatMap(wrongPaths), []);
  });

  it('a wrong path of a behaviour is reported', () => {
    const text = [
      '| behaviour | file | test |',
      '| --- | --- | --- |',
      '| right | `core/ladder`, `express/presets` | `core/test/run.test.ts`, `test/story/why.test.ts` |',
      '| wrong files | `core/laddder`, `cores/ladder`, `ladder` | `core/test/rum.test.ts`, `test/story/wy.test.ts` |',
      '| wrong columns | `core/run.test.ts` | `core/run` |',
      '| empty | | |',
      '',
    ].join('\n');
    assert.deepEqual(behavioursIn(text).flatMap(wrongPaths), [
      ...['core/laddder', 'cores/ladder', 'ladder', 'core/test/rum.test.ts', 'test/story/wy.test.ts'].map(
        (path) => `wrong files: ${path}`,
      ),
      ...['wrong columns: core/run.test.ts', 'wrong columns: core/run'],
      ...['empty: ', 'empty: '],
    ]);
  });

  it('an unknown name is reported, in each of its places', () => {
    const text = [
      '| option | meaning |',
      '| ------ | ------- |',
      '| `timeoutMs`, `timeOutMs` | `made`, which is not checked here |',
      '| `held(target)` | a text of a type, not a function |',
      '| `created` | a word |',
      '| `nowhere.ts`, `guard.ts` | |',
      '| `@safelight/client/url` | `createAsset`, `heal` |',
      '| [@safelight/cloud](x) | `cloud`, `createGuard` |',
      'Call `createGuard()` or `createGard()`, `await guard.find()`, `res.unknownMethod()`, `CachedRecord` or `KeptRecords`.',
      '```ts',
      'createGard();',
      '```',
    ].join('\n');
    assert.deepEqual(unknownNames(codeNamesIn(text, 'core'), surface, otherNames, 'core'), [
      '3: timeOutMs',
      '4: held(target)',
      '5: created',
      '6: nowhere.ts',
      '7: heal',
      '8: createGuard',
      '9: createGard()',
      '9: KeptRecords',
    ]);
  });
});
