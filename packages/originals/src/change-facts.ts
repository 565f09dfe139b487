import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AssetFacts, OriginalRecord } from '@safelight/core';
import type { AssetFolder } from './asset-folder.ts';
import { createRecord } from './create-record.ts';
import { isSystemError, removeLeftover, syncDirectory } from './durable-file.ts';
import { removeOlderFacts } from './facts-files.ts';
import { areSameFacts, changesWith, type FactsRecord, factsName, factsNumbersIn, factsOf } from './facts-records.ts';
import { type FoundVersion, findVersion } from './find-version.ts';
import { isMoving } from './moving-mark.ts';
import type { PublishOptions } from './publish-record.ts';
import { republishVersion } from './republish-version.ts';

/**
 * Changes the facts of the current version: it creates a record with the next number, exclusively, so that a change that was
 * made meanwhile is read first. The change is durable and visible when this resolves.
 *
 * @returns the current version with its new facts; `undefined` when the asset does not exist
 */
export async function changeFacts(
  folder: AssetFolder,
  change: (facts: AssetFacts) => AssetFacts,
  options: PublishOptions,
): Promise<OriginalRecord | undefined> {
  for (;;) {
    const before = await findVersion(folder);
    if (before === undefined) return undefined;
    const facts = factsOf(change(factsOf(before.record)));
    if (areSameFacts(facts, before.record)) {
      await syncIfThere(folder.path);
      return before.record;
    }
    const written = await writeFacts(folder, { before, facts }, options);
    if (written === undefined) continue;
    const after = await findVersion(folder);
    if (after === undefined || !includes(after, written)) {
      // The version is not the current one any more, or newer records took higher numbers while this process stalled.
      await removeLeftover(join(folder.path, factsName(written.versionId, written.number)));
      continue;
    }
    if (isMoving(after.names, written.versionId)) {
      const stillThere = (found: FoundVersion): boolean => includes(found, written);
      const republished = await republishVersion(folder, after.record, { ...options, stillThere });
      if (republished !== undefined) return republished;
      continue;
    }
    if (after.facts !== undefined) await removeOlderFacts(folder.path, after.names, after.facts);
    return after.record;
  }
}

/** @returns the new record; `undefined` when its number is taken, or the asset is not there any more */
async function writeFacts(
  folder: AssetFolder,
  { before, facts }: { readonly before: FoundVersion; readonly facts: AssetFacts },
  { temporary }: PublishOptions,
): Promise<FactsRecord | undefined> {
  const { versionId } = before.record;
  // The number of an unreadable record counts: it must not be used again.
  const number = (factsNumbersIn(before.names, versionId)[0] ?? 0) + 1;
  const changes = changesWith(randomUUID(), before.facts);
  const record: FactsRecord = { versionId, number, changes, facts };
  const path = join(folder.path, factsName(versionId, number));
  try {
    if (!(await createRecord(path, record, { root: folder.root, temporary }))) return undefined;
    await syncDirectory(folder.path);
    return record;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function includes({ record, facts }: FoundVersion, written: FactsRecord): boolean {
  const [changeId = ''] = written.changes;
  return record.versionId === written.versionId && facts?.changes.includes(changeId) === true;
}

async function syncIfThere(path: string): Promise<void> {
  await syncDirectory(path).catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error;
  });
}
