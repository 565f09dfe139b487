import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { manifestOf } from '../architecture/source-files.ts';
import { packInto } from './pack.ts';

const run = promisify(execFile);

/** A new project outside of this repository, in which npm has installed our packages for production. */
export interface NpmProject {
  readonly directory: string;
  /** The folder of an installed package. */
  packageFolder(name: string): string;
  /** The names of all installed packages, sorted. */
  installedNames(): Promise<readonly string[]>;
  /** Runs Node in the project. @returns stdout @throws {Error} when anything is printed to stderr */
  node(...parameters: readonly string[]): Promise<string>;
  /** Runs a module in the project. @returns stdout @throws {Error} when anything is printed to stderr */
  runModule(code: string): Promise<string>;
  remove(): Promise<void>;
}

/** Installs our packages from tarballs, and those of other authors from npm's cache or its registry. */
export async function installWithNpm(...names: readonly string[]): Promise<NpmProject> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-npm-'));
  const all = new Set(names.flatMap((name) => packagesBehind(name)));
  const tarballs = await Promise.all([...all].map((one) => packInto(one, directory)));
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=dev'];
  await run('npm', ['install', ...quick, ...tarballs], { cwd: directory, timeout: 100_000 });
  const node = async (...parameters: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await run(process.execPath, parameters, { cwd: directory, timeout: 20_000 });
    if (stderr !== '') throw new Error(`node ${parameters.join(' ')} printed to stderr:\n${stderr}`);
    return stdout;
  };
  return {
    directory,
    packageFolder: (name) => join(directory, 'node_modules', name),
    node,
    async installedNames() {
      const lock = await readFile(join(directory, 'node_modules/.package-lock.json'), 'utf8');
      const { packages } = JSON.parse(lock) as { readonly packages: object };
      return [...new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))].sort();
    },
    async runModule(code) {
      await writeFile(join(directory, 'module.js'), code);
      return node('module.js');
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A package and all packages of ours that it depends on, without their scope. */
function packagesBehind(name: string, found: Set<string> = new Set()): readonly string[] {
  found.add(name);
  for (const dependency of Object.keys(manifestOf(name).dependencies ?? {})) {
    const [scope, own = ''] = dependency.split('/');
    if (scope === '@safelight' && !found.has(own)) packagesBehind(own, found);
  }
  return [...found];
}
