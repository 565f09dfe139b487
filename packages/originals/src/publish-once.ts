import { join } from 'node:path';
import type { OriginalRecord, PublishOnceOptions } from '@safelight/core';
import { type AssetFolder, bytesPath, makeFolder, readVersions, recordPath } from './asset-folder.ts';
import { createRecord } from './create-record.ts';
import { isSystemError, linkExclusively, readPlainFile, removeLeftover, syncDirectory } from './durable-file.ts';
import { findVersion } from './find-version.ts';
import { onceName } from './once-names.ts';
import { nextUpload, type PublishOptions, removeReplaced, type UploadIds } from './publish-record.ts';
import {
  floorOf,
  isForeign,
  type KnownVersions,
  parseSealed,
  UnknownSchemaError,
  type VersionRecord,
} from './version-records.ts';

/** The record that an attempt publishes. It never changes, and each process can publish it. */
type Plan = VersionRecord & { readonly original: OriginalRecord };

export interface Publication {
  readonly record: OriginalRecord;
  readonly isExisting: boolean;
  readonly hasReplaced: boolean;
}

interface OnceOptions extends PublishOnceOptions, PublishOptions {
  readonly recordOf: (known: KnownVersions, ids: UploadIds) => OriginalRecord;
}

/**
 * Publishes the bytes at `sourcePath` once for each name.
 *
 * An attempt has a plan: a file that is created exclusively and fixes the number and the record. Each process publishes the
 * plan that it finds, its own one or that of another process, which may be dead: it links the plan to the name of the record,
 * exclusively. If the number already has another record, the attempt has failed for ever, and the next attempt gets a plan.
 * So there is at most one record of a name, at whatever step a process is killed or delayed.
 *
 * A plan below the floor was published, or newer records have been published since it was made. Both count as published,
 * since it is as if these records had replaced it.
 */
export async function publishOnce(folder: AssetFolder, sourcePath: string, options: OnceOptions): Promise<Publication> {
  let highestTaken = 0;
  for (let attempt = 1; ; ) {
    const planPath = join(folder.path, onceName(options.name, attempt));
    const plan = await readPlan(planPath);
    if (plan === 'absent') {
      const existing = await makePlan(folder, { sourcePath, planPath, highestTaken }, options);
      if (existing !== undefined) return { record: existing, isExisting: true, hasReplaced: false };
      continue;
    }
    if (plan !== 'damaged') {
      if (await publishPlan(folder, planPath, plan, options.clock)) {
        return { record: plan.original, isExisting: false, hasReplaced: plan.hasReplaced === true };
      }
      highestTaken = plan.version;
    }
    attempt += 1;
  }
}

/**
 * Makes the plan of an attempt, unless another process has made it.
 * @returns the current version if the asset exists and must not be replaced; then there is no plan
 */
async function makePlan(
  folder: AssetFolder,
  attempt: { readonly sourcePath: string; readonly planPath: string; readonly highestTaken: number },
  options: OnceOptions,
): Promise<OriginalRecord | undefined> {
  const { sourcePath, planPath, highestTaken } = attempt;
  const current = (await findVersion(folder))?.record;
  if (current !== undefined && !options.mayReplace) {
    // The current version may be that of a plan that was made since.
    return (await readPlan(planPath)) === 'absent' ? current : undefined;
  }
  const known = await readVersions(folder, { scope: 'all' });
  const next = nextUpload(folder, known, { ...options, highestTaken });
  const ownBytes = bytesPath(folder, next.original.versionId);
  await makeFolder(folder, known);
  await linkExclusively(sourcePath, ownBytes);
  let isMade = false;
  try {
    const plan: Plan = { ...next, ...(current === undefined ? {} : { hasReplaced: true }) };
    isMade = await createRecord(planPath, plan, { root: folder.root, temporary: options.temporary });
  } finally {
    if (!isMade) await removeLeftover(ownBytes);
  }
  return undefined;
}

/** @returns `false` when another record has the number, so that this plan will never be published */
async function publishPlan(
  folder: AssetFolder,
  planPath: string,
  { version, original }: Plan,
  clock: () => number,
): Promise<boolean> {
  const read = async () => {
    const { names, records } = await readVersions(folder, { scope: version });
    const there = records.find((record) => record.version === version);
    return { names, there, isBelowFloor: version < floorOf(records) };
  };
  const isOwn = (record: VersionRecord): boolean => record.original?.versionId === original.versionId;
  const before = await read();
  if (before.there !== undefined) return isOwn(before.there);
  if (before.isBelowFloor) return true;
  const path = recordPath(folder, version);
  const isLinked = await linkExclusively(planPath, path);
  // One fsync for the names of the plan, the record and the bytes.
  await syncDirectory(folder.path);
  const after = await read();
  if (!isLinked) return after.there === undefined ? after.isBelowFloor : isOwn(after.there);
  if (after.isBelowFloor) await removeLeftover(path);
  else await removeReplaced(folder, after.names, { ownNames: 3, clock });
  return true;
}

async function readPlan(path: string): Promise<Plan | 'absent' | 'damaged'> {
  let text: string;
  try {
    text = (await readPlainFile(path)).toString('utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'absent';
    throw error;
  }
  const plan = parseSealed(text);
  if (plan === undefined) return 'damaged';
  if (isForeign(plan)) throw new UnknownSchemaError(`The record ${path}`, plan.unknownSchema);
  return plan as Plan;
}
