import { spawnSync } from 'node:child_process';

/** Debian installs servers here, and the PATH of some users does not contain these folders. */
const systemPaths = '/usr/sbin:/sbin';

export const withSystemPaths: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}:${systemPaths}` };

/** Asks a program for its version; `undefined` when it is not installed. */
export function installedVersion(command: string, flag: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(command, [flag], { env: withSystemPaths, encoding: 'utf8' });
  return error === undefined ? (/\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'of unknown version') : undefined;
}
