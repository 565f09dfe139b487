import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { manifestOf, packageNames, resolveImport, root, type SourceFile, sourceFiles } from './source-files.ts';

/** The packages that each package may import. All other imports between packages are mistakes. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  core: ['protocol'],
  stores: ['core', 'protocol'],
  originals: ['core', 'protocol'],
  s3: ['core', 'protocol'],
  sharp: ['core', 'protocol'],
  http: ['core', 'protocol'],
  express: ['core', 'http', 'protocol', 'stores'],
  cloud: ['core', 'express', 'http', 'protocol'],
  client: ['protocol'],
  cli: ['protocol', 'core', 'stores', 'originals', 's3', 'sharp', 'http', 'express', 'cloud', 'client'],
};

const builtins = new Set(builtinModules);
const packageOf = (specifier: string) =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
const sources = packageNames().map((name) => ({ name, files: sourceFiles(`packages/${name}/src`) }));

describe('architecture', () => {
  it('the table above has every package', () => {
    assert.deepEqual([...packageNames()].sort(), Object.keys(allowed).sort());
  });

  for (const { name, files } of sources) {
    it(`${name} imports only the packages that its arrows allow`, () => {
      const wrong = files.flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => specifier.startsWith('@safelight/'))
          .filter((specifier) => !allowed[name]?.includes(packageOf(specifier).slice('@safelight/'.length)))
          .map((specifier) => `${path} imports ${specifier}`),
      );
      assert.deepEqual(wrong, []);
    });

    it(`${name} declares every package that it imports`, () => {
      const { dependencies = {}, peerDependencies = {}, name: self } = manifestOf(name);
      const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), self]);
      const undeclared = files.flatMap(({ path, imports }) =>
        imports
          .filter(
            (specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:') && !builtins.has(specifier),
          )
          .filter((specifier) => !declared.has(packageOf(specifier)))
          .map((specifier) => `${path} imports ${specifier}`),
      );
      assert.deepEqual(undeclared, []);
    });

    it(`${name} has no cycle of imports, type imports included`, () => {
      assert.deepEqual(cyclesIn(files), []);
    });
  }

  for (const name of ['protocol', 'client']) {
    it(`${name} runs anywhere: it imports no module of Node`, () => {
      // `node.ts` is the one entry for Node alone; no other file may import it.
      const files = sourceFiles(`packages/${name}/src`).filter(({ path }) => path !== 'packages/client/src/node.ts');
      assert.ok(files.every(({ imports }) => !imports.includes('./node.ts')));
      const wrong = files.filter(({ imports }) =>
        imports.some((name) => name.startsWith('node:') || builtins.has(name)),
      );
      assert.deepEqual(
        wrong.map(({ path }) => path),
        [],
      );
    });
  }

  it('only the command uses `process`, and the processes of sharp', () => {
    const own = 'packages/sharp/src/processes/';
    // Two places read NODE_ENV, as bundlers expect: the client, to warn in development only, and this file of protocol, to
    // explain mistakes of a page in development only.
    const explaining = 'packages/protocol/src/explain-mistake.ts';
    const touching = sources
      .filter(({ name }) => name !== 'cli' && name !== 'client')
      .flatMap(({ files }) => files)
      .filter(({ path }) => path !== explaining && !path.startsWith(own))
      .filter(({ code }) => /\bprocess\.(?:exit|argv|env|on|stdout|stderr)\b/.test(code));
    assert.deepEqual(
      touching.map(({ path }) => path),
      [],
    );
  });
});

describe('house rules', () => {
  const all = sources.flatMap(({ files }) => files);

  it('no file or folder is called types, utils, helpers, constants, common or shared', () => {
    const banned = /\/(?:types|utils?|helpers?|constants|common|shared|misc)(?:\.ts|\/)/;
    assert.deepEqual(
      all.map(({ path }) => path).filter((path) => banned.test(path)),
      [],
    );
  });

  it('index.ts lists each export by name, and no file of its package imports it', () => {
    for (const { path, text, imports } of all) {
      assert.doesNotMatch(text, /^export \*/m, path);
      assert.doesNotMatch(text, /^export default/m, path);
      const ofIndex = imports.filter((specifier) => specifier.startsWith('.') && /(?:^|\/)index\.ts$/.test(specifier));
      assert.deepEqual(ofIndex, [], path);
    }
  });

  it('no error of the compiler is suppressed', () => {
    for (const { path, code } of all) assert.doesNotMatch(code, /\bas any\b|: any\b/, path);
    for (const { path, text } of all) assert.doesNotMatch(text, /@ts-ignore|@ts-nocheck/, path);
  });

  it('no package depends on a release candidate', () => {
    const manifests = [
      'package.json',
      'pnpm-workspace.yaml',
      ...packageNames().map((name) => `packages/${name}/package.json`),
    ];
    const early = manifests.flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/^.*["' ][~^]?\d+\.\d+\.\d+-.*$/gm)].map(
        ([line]) => `${path}: ${line}`,
      ),
    );
    assert.deepEqual(early, []);
  });

  it('all packages have one version', () => {
    assert.equal(new Set(packageNames().map((name) => manifestOf(name).version)).size, 1);
  });
});

function cyclesIn(files: readonly SourceFile[]): readonly string[] {
  const edges = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((name) => name.startsWith('.')).map((name) => resolveImport(path, name)),
    ]),
  );
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) cycles.push([...trail.slice(at), path].join(' -> '));
    if (at !== -1 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}
