import type { AssetId, DerivedEntry, DerivedPage, DerivedQuery } from '@safelight/core';
import type { IndexDatabase, SqlValue } from './index-database.ts';
import type { PageCursors } from './page-cursor.ts';

interface DerivedRow {
  readonly id: string;
  readonly resource_type: AssetId['resourceType'];
  readonly public_id: string;
  readonly version: number;
  readonly transformation: string;
  readonly format: string;
  readonly bytes: number;
}

/** Entries of assets that the index does not have, and of earlier versions, are ignored. */
export function addDerived(database: IndexDatabase, entries: readonly DerivedEntry[]): void {
  for (const { id, asset, version, transformation, format, bytes } of entries) {
    const name = [asset.resourceType, asset.publicId];
    const current = database.get<{ version: number }>(
      "SELECT json ->> '$.version' AS version FROM asset JOIN record USING (id) WHERE resource_type = ? AND public_id = ?",
      ...name,
    );
    if (current === undefined || version < current.version) continue;
    const isNew = database.get('SELECT 1 FROM derived WHERE id = ?', id) === undefined;
    database.run(
      'INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[id, ...name, version, transformation, format, bytes],
    );
    if (isNew) count(database, 1);
  }
}

export function listDerived(
  database: IndexDatabase,
  cursors: PageCursors,
  { limit, after, ...query }: DerivedQuery,
): DerivedPage {
  const { asset, transformation } = query;
  const conditions = ['1'];
  const values: SqlValue[] = [];
  if (asset !== undefined) {
    conditions.push('resource_type = ? AND public_id = ?');
    values.push(asset.resourceType, asset.publicId);
  }
  if (transformation !== undefined) {
    // With `+` this is not read from an index, since an asset has fewer derivatives.
    conditions.push(`${asset === undefined ? '' : '+'}transformation = ?`);
    values.push(transformation);
  }
  const last = cursors.read(['derived', query], after)?.[0] ?? '';
  const sql = `SELECT * FROM derived WHERE ${conditions.join(' AND ')} AND id > ? ORDER BY id LIMIT ?`;
  const rows = database.all<DerivedRow>(sql, ...values, last, limit + 1);
  const entries = rows.slice(0, limit).map(entryOf);
  if (rows.length <= limit) return { entries };
  return { entries, next: cursors.write(['derived', query], [entries.at(-1)?.id ?? '']) };
}

export function removeDerived(database: IndexDatabase, ids: readonly string[]): readonly DerivedEntry[] {
  const removed: DerivedEntry[] = [];
  for (const id of ids) {
    const row = database.get<DerivedRow>('DELETE FROM derived WHERE id = ? RETURNING *', id);
    if (row !== undefined) removed.push(entryOf(row));
  }
  count(database, -removed.length);
  return removed;
}

export function removeDerivedOf(database: IndexDatabase, { resourceType, publicId }: AssetId): void {
  count(
    database,
    -database.run('DELETE FROM derived WHERE resource_type = ? AND public_id = ?', resourceType, publicId),
  );
}

function count(database: IndexDatabase, added: number): void {
  database.run("UPDATE meta SET value = value + ? WHERE name = 'derived'", added);
}

function entryOf(row: DerivedRow): DerivedEntry {
  const { id, version, transformation, format, bytes } = row;
  const asset = { resourceType: row.resource_type, publicId: row.public_id };
  return { id, asset, version, transformation, format, bytes };
}
