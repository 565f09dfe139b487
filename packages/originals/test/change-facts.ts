/**
 * Runs as a separate process.
 *
 *   tags DIRECTORY PUBLIC_ID NAME TIMES       adds the tags NAME-0, NAME-1 …, and prints each that was confirmed
 *   rename DIRECTORY FROM TO TIMES            renames there and back
 *   restore DIRECTORY PUBLIC_ID               restores the oldest version
 *
 * With KILL_AT in the environment, the process kills itself before that call of the file system.
 */
import { writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const calls = ['link', 'lstat', 'mkdir', 'open', 'readFile', 'readdir', 'realpath', 'rm'] as const;
const killAt = Number(process.env['KILL_AT'] ?? Number.POSITIVE_INFINITY);
let count = 0;
for (const name of calls) {
  const call = promises[name] as (...args: readonly unknown[]) => unknown;
  const counted = (...args: readonly unknown[]): unknown => {
    count += 1;
    if (count === killAt) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };
  Object.assign(promises, { [name]: counted });
}
syncBuiltinESMExports();

const { fileOriginals } = await import('@safelight/originals');
const [command, directory = '', publicId = '', name = '', times = '1'] = process.argv.slice(2);
const originals = fileOriginals({ directory });
const asset = { resourceType: 'image', publicId } as const;

if (command === 'tags') {
  for (let index = 0; index < Number(times); index += 1) {
    const tag = `${name}-${index}`;
    const changed = await originals.changeFacts(asset, ({ tags = [], ...facts }) => ({
      ...facts,
      tags: [...tags, tag],
    }));
    if (changed !== undefined) writeFileSync(1, `${tag}\n`);
  }
} else if (command === 'rename') {
  const other = { ...asset, publicId: name };
  for (let round = 0; round < Number(times); round += 1) {
    await originals.rename(asset, other, { overwrite: false });
    if (Number(times) > 1) await originals.rename(other, asset, { overwrite: false });
  }
} else {
  await originals.restore(asset, (await originals.versions(asset)).at(-1)?.version ?? 0);
}
