import type { AssetId, OriginalRecord } from '@safelight/core';
import { type AssetRow, assetRow, parentOf } from './asset-row.ts';
import type { IndexDatabase } from './index-database.ts';
import { folded } from './searchable-text.ts';

interface Known {
  readonly id: number;
  readonly json: string;
}

/** Writes the state of an asset in all tables. The row number of an asset that stays is the same. */
export function writeAsset(database: IndexDatabase, asset: AssetId, json: string | undefined): void {
  const known = database.get<Known>(
    'SELECT id, json FROM asset JOIN record USING (id) WHERE resource_type = ? AND public_id = ?',
    asset.resourceType,
    asset.publicId,
  );
  if (json !== undefined && known?.json === json) {
    database.run("UPDATE asset SET built = (SELECT value FROM meta WHERE name = 'build') WHERE id = ?", known.id);
    return;
  }
  if (known !== undefined) removeRows(database, known);
  if (json !== undefined) addRows(database, json, known?.id);
  forgetEarlierDerived(database, asset, json);
}

function addRows(database: IndexDatabase, json: string, knownId: number | undefined): void {
  const record = JSON.parse(json) as OriginalRecord;
  const row = assetRow(record);
  database.run(
    `INSERT INTO asset VALUES (?${', ?'.repeat(row.columns.length)}, (SELECT value FROM meta WHERE name = 'build'))`,
    knownId ?? null,
    ...row.columns,
  );
  const id = knownId ?? Number(database.get<{ id: number }>('SELECT last_insert_rowid() AS id')?.id);
  database.run('INSERT INTO record VALUES (?, ?)', id, json);
  database.run(
    'INSERT INTO words (rowid, public_id, folder, filename, asset_folder, display_name, tags, context, keyed, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    ...row.words,
  );
  if (row.metadata !== undefined) database.run('INSERT INTO metadata VALUES (?, ?)', id, row.metadata);
  for (const [key, value] of row.context) {
    database.run('INSERT INTO pair VALUES (?, ?, ?, ?)', key, folded(value), id, value);
  }
  for (const tag of row.tags) {
    database.run('INSERT INTO tag VALUES (?, ?, ?)', folded(tag), tag, id);
    database.run(
      'INSERT INTO tag_use VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET assets = assets + 1',
      record.resourceType,
      tag,
    );
  }
  for (const path of row.folders) {
    database.run(
      'INSERT INTO folder VALUES (?, ?, 1, 0) ON CONFLICT DO UPDATE SET assets = assets + 1',
      path,
      parentOf(path),
    );
  }
  addToTotals(database, 1, record.bytes);
}

function removeRows(database: IndexDatabase, { id, json }: Known): void {
  const record = JSON.parse(json) as OriginalRecord;
  const row = assetRow(record);
  for (const table of ['asset', 'record']) database.run(`DELETE FROM ${table} WHERE id = ?`, id);
  database.run('DELETE FROM words WHERE rowid = ?', id);
  removeValues(database, id, row, record);
  for (const path of row.folders) {
    database.run('UPDATE folder SET assets = assets - 1 WHERE path = ?', path);
    database.run('DELETE FROM folder WHERE path = ? AND assets = 0 AND is_created = 0', path);
  }
  addToTotals(database, -1, -record.bytes);
}

function removeValues(database: IndexDatabase, id: number, row: AssetRow, { resourceType }: OriginalRecord): void {
  database.run('DELETE FROM metadata WHERE asset = ?', id);
  for (const [key, value] of row.context) {
    database.run('DELETE FROM pair WHERE key = ? AND folded = ? AND asset = ?', key, folded(value), id);
  }
  for (const tag of row.tags) {
    database.run('DELETE FROM tag WHERE folded = ? AND tag = ? AND asset = ?', folded(tag), tag, id);
    database.run('UPDATE tag_use SET assets = assets - 1 WHERE resource_type = ? AND tag = ?', resourceType, tag);
    database.run('DELETE FROM tag_use WHERE resource_type = ? AND tag = ? AND assets = 0', resourceType, tag);
  }
}

function addToTotals(database: IndexDatabase, assets: number, bytes: number): void {
  database.run("UPDATE meta SET value = value + ? WHERE name = 'assets'", assets);
  database.run("UPDATE meta SET value = value + ? WHERE name = 'bytes'", bytes);
}

function forgetEarlierDerived(database: IndexDatabase, asset: AssetId, json: string | undefined): void {
  const version = json === undefined ? Number.MAX_SAFE_INTEGER : (JSON.parse(json) as OriginalRecord).version;
  const count = database.run(
    'DELETE FROM derived WHERE resource_type = ? AND public_id = ? AND version < ?',
    ...[asset.resourceType, asset.publicId, version],
  );
  if (count > 0) database.run("UPDATE meta SET value = value - ? WHERE name = 'derived'", count);
}
