import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import exported from '../architecture/exports.json' with { type: 'json' };
import { packageNames, root } from '../architecture/source-files.ts';
import { installTarballs, type Project } from './installed.ts';

const run = promisify(execFile);

/** The supported compilers; `node10` was removed in TypeScript 7, and 6 asks for a word before it uses it. */
const compilers = ['typescript-5.4', 'typescript-5.9', 'typescript-6', 'typescript'];
const modes: Readonly<Record<string, readonly string[]>> = {
  node10: ['--module', 'commonjs', '--esModuleInterop'],
  node16: ['--module', 'node16'],
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext'],
};

/** A module that imports every value of every entry of some packages. */
function importingAll(names: readonly string[]): string {
  const entries = Object.entries(exported).filter(([entry]) => names.includes(entry.split('/')[1] ?? ''));
  return entries
    .flatMap(([entry, values], index) =>
      values.map((name) => `export { ${name} as ${name}${index} } from '${entry}';\n`),
    )
    .join('');
}

describe('the packed packages compile', function () {
  this.timeout(60_000);

  let project: Project;
  before(async () => {
    project = await installTarballs(packageNames());
    await writeFile(join(project.directory, 'client-entries.ts'), importingAll(['client', 'protocol']));
    await writeFile(join(project.directory, 'all-entries.ts'), importingAll(packageNames()));
    // The entry of the hooks has types of React, which its users have installed.
    await mkdir(project.packageFolder('@types'), { recursive: true });
    const types = join(root, 'packages/client/node_modules/@types/react');
    await symlink(await realpath(types), project.packageFolder('@types/react'));
    // The same code as a CommonJS module.
    for (const name of ['consumer', 'client-entries', 'all-entries']) {
      await cp(join(project.directory, `${name}.ts`), join(project.directory, `${name}.cts`));
    }
  });
  after(() => project.remove());

  /** What a compiler says about files. */
  async function complaints(compiler: string, ...parameters: readonly string[]): Promise<string> {
    const tsc = join(dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`)), 'bin', 'tsc');
    const runtime = ['--target', 'es2022', '--lib', 'es2022,dom,dom.iterable'];
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit'];
    return run(process.execPath, [tsc, ...runtime, ...strict, ...parameters], { cwd: project.directory }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  }

  for (const compiler of compilers) {
    for (const [resolution, module] of Object.entries(modes)) {
      if (compiler === 'typescript' && resolution === 'node10') continue;
      const silenced = compiler === 'typescript-6' && resolution === 'node10' ? ['--ignoreDeprecations', '6.0'] : [];
      const files = ['ts', 'cts'].flatMap((end) => [`consumer.${end}`, `client-entries.${end}`]);

      it(`with ${compiler} and resolution ${resolution}: the client in both kinds of modules`, async () => {
        const flags = [...module, '--moduleResolution', resolution, ...silenced, '--skipLibCheck', 'false'];
        assert.equal(await complaints(compiler, ...flags, ...files), '');
      });
    }
  }

  for (const compiler of ['typescript-5.4', 'typescript']) {
    it(`with ${compiler}: each optional option of the client accepts undefined`, async () => {
      assert.equal(await complaints(compiler, '--module', 'nodenext', '--skipLibCheck', 'undefined-options.ts'), '');
    });
  }

  for (const compiler of compilers) {
    it(`with ${compiler} and resolution node16: every package in both kinds of modules`, async () => {
      const flags = ['--module', 'node16', '--moduleResolution', 'node16', '--skipLibCheck'];
      assert.equal(await complaints(compiler, ...flags, 'all-entries.ts', 'all-entries.cts'), '');
    });
  }
});
