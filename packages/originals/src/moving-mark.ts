import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, removeLeftover } from './durable-file.ts';

/**
 * Runs `move`, which publishes a version again with its facts, and meanwhile marks the version in its folder.
 *
 * The order of steps makes sure that no change of facts is lost: a mover creates its mark, and then reads the facts. A
 * changer creates its record, and then looks for marks. If it finds none, each later mover reads its record. If it finds
 * one, it publishes a new version, which the mover notices. A mark that a killed process has left costs one new version.
 *
 * @param move - must read the facts itself, after it was called
 * @returns `'changed'` when the folder does not exist any more
 */
export async function whileMoving<Result>(
  path: string,
  versionId: string,
  move: () => Promise<Result>,
): Promise<Result | 'changed'> {
  const mark = join(path, `moving-${versionId}-${randomUUID()}`);
  try {
    await (await open(mark, 'wx')).close();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'changed';
    throw error;
  }
  try {
    return await move();
  } finally {
    await removeLeftover(mark);
  }
}

/** Whether a process may be publishing this version again. */
export function isMoving(names: readonly string[], versionId: string): boolean {
  return names.some((name) => versionIdOfMark(name) === versionId);
}

/** The version to which a mark belongs; `undefined` for other names. */
export function versionIdOfMark(name: string): string | undefined {
  return /^moving-([0-9a-f]{32})-[0-9a-f-]{36}$/.exec(name)?.[1];
}
