import { spawnSync } from 'node:child_process';

/** Where Debian has servers; not on everybody's PATH. */
const SYSTEM_PATHS = '/usr/sbin:/sbin';

export const withSystemPaths: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env['PATH']}:${SYSTEM_PATHS}` };

/** The version that a program tells of itself; `undefined` when it is not installed. */
export function installedVersion(command: string, flag: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(command, [flag], { env: withSystemPaths, encoding: 'utf8' });
  return error === undefined ? (/\d+\.\d+(\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'of unknown version') : undefined;
}
