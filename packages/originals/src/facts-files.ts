import { join } from 'node:path';
import { isSystemError, readPlainFile, removeLeftover, removeStale } from './durable-file.ts';
import { type FactsRecord, factsName, factsNumbersIn, parseFacts, versionIdOfFacts } from './facts-records.ts';
import { versionIdOfMark } from './moving-mark.ts';
import { isForeign, UnknownSchemaError } from './version-records.ts';

/**
 * The newest readable facts of a version. Without a record of facts, no file is read.
 *
 * @param names - the names in the folder
 * @returns `undefined` when the version has only the facts of its upload; `'vanished'` when a record was removed after the
 *   folder was listed: then it was replaced
 */
export async function readFacts(
  path: string,
  names: readonly string[],
  versionId: string,
): Promise<FactsRecord | 'vanished' | undefined> {
  for (const number of factsNumbersIn(names, versionId)) {
    const file = join(path, factsName(versionId, number));
    try {
      const record = parseFacts((await readPlainFile(file)).toString('utf8'), versionId, number);
      // An older record must not be served in its place, and a change must not be based on that.
      if (record !== undefined && isForeign(record)) {
        throw new UnknownSchemaError(`The record ${file}`, record.unknownSchema);
      }
      if (record !== undefined) return record;
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return 'vanished';
      if (!isSystemError(error, 'ELOOP', 'EISDIR')) throw error;
    }
  }
  return undefined;
}

/** Removes the records before the one that `newest` replaced. That one is read when `newest` is damaged. */
export async function removeOlderFacts(path: string, names: readonly string[], newest: FactsRecord): Promise<void> {
  for (const number of factsNumbersIn(names, newest.versionId)) {
    if (number < newest.number - 1) await removeLeftover(join(path, factsName(newest.versionId, number)));
  }
}

/** Removes the facts and the marks of versions that do not exist any more, and marks that a killed process has left. */
export async function removeFactsExcept(
  path: string,
  options: { readonly names: readonly string[]; readonly kept: readonly string[]; readonly nowMs: number },
): Promise<void> {
  const { names, kept, nowMs } = options;
  for (const name of names) {
    const versionId = versionIdOfFacts(name) ?? versionIdOfMark(name);
    if (versionId === undefined) continue;
    if (!kept.includes(versionId)) await removeLeftover(join(path, name));
    else if (versionIdOfMark(name) !== undefined) await removeStale(join(path, name), nowMs);
  }
}
