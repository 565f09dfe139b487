import type { AssetId, OriginalRecord } from '@safelight/core';
import type { IndexDatabase } from './index-database.ts';
import { laterIndexes } from './index-schema.ts';
import { writeAsset } from './write-asset.ts';

const staleAssetsAtOnce = 100;

export function beginChange(database: IndexDatabase, { resourceType, publicId }: AssetId): void {
  database.run('INSERT OR IGNORE INTO note VALUES (?, ?)', resourceType, publicId);
}

export function endChange(database: IndexDatabase, asset: AssetId, json: string | undefined): void {
  writeAsset(database, asset, json);
  const { resourceType, publicId } = asset;
  database.run('DELETE FROM note WHERE resource_type = ? AND public_id = ?', resourceType, publicId);
  if (phaseOf(database) === 'building') {
    database.run('INSERT OR IGNORE INTO changed_while_building VALUES (?, ?)', resourceType, publicId);
  }
}

export function phaseOf(database: IndexDatabase): 'new' | 'building' | 'ready' {
  return (
    database.get<{ value: 'new' | 'building' | 'ready' }>("SELECT value FROM meta WHERE name = 'phase'")?.value ?? 'new'
  );
}

function setPhase(database: IndexDatabase, phase: 'new' | 'building' | 'ready'): void {
  database.run("UPDATE meta SET value = ? WHERE name = 'phase'", phase);
}

/** A build that was under way when its process ended has to begin again. */
export function forgetBrokenBuild(database: IndexDatabase): void {
  if (phaseOf(database) === 'building') setPhase(database, 'new');
}

/** Begins a build. The first one is faster without most indexes. @throws {Error} when a build is under way */
export function beginBuild(database: IndexDatabase): void {
  const phase = phaseOf(database);
  if (phase === 'building') throw new Error('The index is being rebuilt already. Wait until that has ended.');
  if (phase === 'new') {
    for (const index of laterIndexes) database.exec(`DROP INDEX IF EXISTS ${index.split(' ', 1)[0]}`);
  }
  setPhase(database, 'building');
  database.run("UPDATE meta SET value = value + 1 WHERE name = 'build'");
  database.run('DELETE FROM changed_while_building');
}

/** Writes records as they were listed, except those of assets that have changed since the build began. */
export function buildAssets(database: IndexDatabase, jsons: readonly string[]): void {
  for (const json of jsons) {
    const asset = JSON.parse(json) as OriginalRecord;
    const hasChanged = database.get(
      'SELECT 1 FROM changed_while_building WHERE resource_type = ? AND public_id = ?',
      asset.resourceType,
      asset.publicId,
    );
    if (hasChanged === undefined) writeAsset(database, asset, json);
  }
}

/**
 * Removes some of the assets that the build has not found.
 * @param afterId - where to go on: the last result, at first 0
 * @returns `undefined` when none is left
 */
export function removeStaleAssets(database: IndexDatabase, afterId: number): number | undefined {
  const stale = database.all<{ id: number; resource_type: AssetId['resourceType']; public_id: string }>(
    `SELECT id, resource_type, public_id FROM asset
      WHERE id > ? AND built <> (SELECT value FROM meta WHERE name = 'build') ORDER BY id LIMIT ${staleAssetsAtOnce}`,
    afterId,
  );
  for (const row of stale) {
    writeAsset(database, { resourceType: row.resource_type, publicId: row.public_id }, undefined);
  }
  return stale.at(-1)?.id;
}

/**
 * Creates one of the indexes that the first build does without.
 * @param at - the last result, at first 0
 * @returns `undefined` when all exist
 */
export function addIndex(database: IndexDatabase, at: number): number | undefined {
  const index = laterIndexes[at];
  if (index === undefined) return undefined;
  database.exec(`CREATE INDEX IF NOT EXISTS ${index}`);
  return at + 1;
}

export function endBuild(database: IndexDatabase, isComplete: boolean): void {
  setPhase(database, isComplete ? 'ready' : 'new');
  database.run('DELETE FROM changed_while_building');
}
