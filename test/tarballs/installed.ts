import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { manifestOf, root } from '../architecture/source-files.ts';
import { packInto } from './pack.ts';

const run = promisify(execFile);

/** A project of a user that has installed our packages as a release would publish them. */
export interface Project {
  readonly directory: string;
  /** The folder of an installed package. */
  packageFolder(name: string): string;
  /** Runs Node in the project. @returns stdout @throws {Error} when anything is printed to stderr */
  node(...parameters: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Packs the current `dist` of packages, and unpacks them into a new project with the files of `app`. It downloads nothing:
 * dependencies of other authors are linked. Optional peers are absent, as after a plain installation.
 * @param names - our packages, including all of ours that they depend on
 */
export async function installTarballs(names: readonly string[] = ['protocol', 'client']): Promise<Project> {
  // A bundler resolves links before it looks for packages, so this must be the real path.
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'safelight-project-')));
  const packageFolder = (name: string): string => join(directory, 'node_modules', name);
  await cp(join(import.meta.dirname, 'app'), directory, { recursive: true });
  await Promise.all(names.map((name) => install(name, directory, packageFolder(`@safelight/${name}`))));
  const foreign = new Map(names.flatMap((name) => foreignDependencies(name).map((one) => [one, name])));
  for (const [dependency, name] of foreign) {
    const folder = packageFolder(dependency);
    await mkdir(dirname(folder), { recursive: true });
    await symlink(await realpath(join(root, 'packages', name, 'node_modules', dependency)), folder);
  }
  return {
    directory,
    packageFolder,
    async node(...parameters) {
      const { stdout, stderr } = await run(process.execPath, parameters, { cwd: directory, timeout: 20_000 });
      if (stderr !== '') throw new Error(`node ${parameters.join(' ')} printed to stderr:\n${stderr}`);
      return stdout;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function foreignDependencies(name: string): readonly string[] {
  return Object.keys(manifestOf(name).dependencies ?? {}).filter((one) => !one.startsWith('@safelight/'));
}

async function install(name: string, directory: string, folder: string): Promise<void> {
  const tarball = await packInto(name, directory);
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', folder]);
}
