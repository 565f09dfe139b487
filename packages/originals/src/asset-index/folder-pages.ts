import type { FolderQuery, TagQuery } from '@safelight/core';
import { parentOf, withParents } from './asset-row.ts';
import type { IndexDatabase, SqlValue } from './index-database.ts';
import type { PageOfNames } from './index-thread-messages.ts';
import type { PageCursors } from './page-cursor.ts';
import { afterPrefix, folded } from './searchable-text.ts';

/** A page of names that have an order of their own. @param query - names the query of the cursors */
function pageOfNames(
  cursors: PageCursors,
  query: unknown,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
  namesAfter: (name: string | undefined, count: number) => readonly { readonly name: string }[],
): PageOfNames {
  const position = cursors.read(query, after)?.[0];
  const names = namesAfter(position === undefined ? undefined : String(position), limit + 1).map(({ name }) => name);
  const page = names.slice(0, limit);
  return names.length > limit ? { names: page, next: cursors.write(query, page.slice(-1)) } : { names: page };
}

export function listTags(
  database: IndexDatabase,
  cursors: PageCursors,
  { limit, after, ...query }: TagQuery,
): PageOfNames {
  const { resourceType, prefix = '' } = query;
  const end = prefix === '' ? undefined : afterPrefix(prefix, 'as is');
  return pageOfNames(cursors, ['tags', query], { limit, after }, (last, count) =>
    database.all<{ name: string }>(
      `SELECT tag AS name FROM tag_use WHERE resource_type = ? AND tag ${last === undefined ? '>=' : '>'} ?
        ${end === undefined ? '' : 'AND tag < ?'} ORDER BY tag LIMIT ?`,
      ...[resourceType, last ?? prefix, ...(end === undefined ? [] : [end]), count],
    ),
  );
}

export function listFolders(
  database: IndexDatabase,
  cursors: PageCursors,
  { limit, after, ...query }: FolderQuery,
): PageOfNames & { readonly total: number } {
  const { below, matches } = query;
  const conditions = ['1'];
  const values: SqlValue[] = [];
  if (below !== undefined) {
    conditions.push('parent = ?');
    values.push(below);
  }
  if (matches !== undefined) {
    conditions.push(matches.isExact ? 'path = ?' : 'instr(lower(path), ?) > 0');
    values.push(matches.isExact ? matches.text : folded(matches.text));
  }
  const where = conditions.join(' AND ');
  const total = database.get<{ total: number }>(`SELECT count(*) AS total FROM folder WHERE ${where}`, ...values);
  const page = pageOfNames(cursors, ['folders', query], { limit, after }, (last = '', count) =>
    database.all<{ name: string }>(
      `SELECT path AS name FROM folder WHERE ${where} AND path > ? ORDER BY path LIMIT ?`,
      ...[...values, last, count],
    ),
  );
  return { total: total?.total ?? 0, ...page };
}

export function createFolder(database: IndexDatabase, folder: string): void {
  for (const path of withParents(folder)) {
    database.run(
      'INSERT INTO folder VALUES (?, ?, 0, 1) ON CONFLICT DO UPDATE SET is_created = 1',
      path,
      parentOf(path),
    );
  }
}

export function deleteFolder(database: IndexDatabase, path: string): readonly string[] | 'not_empty' | undefined {
  const folder = database.get<{ assets: number }>('SELECT assets FROM folder WHERE path = ?', path);
  if (folder === undefined) return undefined;
  if (folder.assets > 0) return 'not_empty';
  const below = 'path = ? OR (path >= ? AND path < ?)';
  // `0` is the character after `/`.
  const values = [path, `${path}/`, `${path}0`];
  const removed = database.all<{ path: string }>(`SELECT path FROM folder WHERE ${below} ORDER BY path`, ...values);
  database.run(`DELETE FROM folder WHERE ${below}`, ...values);
  return removed.map((row) => row.path);
}
