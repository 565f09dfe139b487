import { execFile } from 'node:child_process';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packInto } from './pack.ts';

const run = promisify(execFile);
const maxShown = 4000;

/** A project with the packed client and with bundlers, test runners and runtimes, which run in it. */
export interface ToolsProject {
  readonly directory: string;
  /** Runs Node, or another program, in the project. @returns stdout @throws {Error} with the output, when it fails */
  run(parameters: readonly string[], options?: RunOptions): Promise<string>;
  remove(): Promise<void>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project. @default Node */
  readonly program?: string | undefined;
}

/** Installs everything once, by npm: the versions of the tools are those in `tools/package.json`. */
export async function installTools(): Promise<ToolsProject> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'safelight-tools-')));
  await cp(join(import.meta.dirname, 'tools'), directory, { recursive: true });
  const tarballs = await Promise.all(['protocol', 'client'].map((name) => packInto(name, directory)));
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...quick, ...tarballs], { cwd: directory, maxBuffer: 2 ** 24 });
  const runIn: ToolsProject['run'] = async (parameters, { env = {}, program } = {}) => {
    // Colours, and reports to the makers of the tools, are off.
    const quiet = { NO_COLOR: '1', FORCE_COLOR: '0', NEXT_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
    const options = { cwd: directory, env: { ...process.env, NODE_ENV: '', ...quiet, ...env }, timeout: 170_000 };
    try {
      return (await run(program === undefined ? process.execPath : join(directory, program), parameters, options))
        .stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${parameters.join(' ')}\n${stdout.slice(-maxShown)}\n${stderr.slice(-maxShown)}`);
    }
  };
  // The only install script that is needed: it copies the binary for this machine.
  await runIn(['node_modules/bun/install.js']);
  return { directory, run: runIn, remove: () => rm(directory, { recursive: true, force: true }) };
}
