import type { AssetQuery, SearchQuery } from '@safelight/core';
import { intersection } from './id-set.ts';
import type { IndexDatabase } from './index-database.ts';
import type { JsonPage } from './index-thread-messages.ts';
import { anyRow, listFilter } from './list-filter.ts';
import type { Matcher } from './matching-ids.ts';
import type { PageCursors } from './page-cursor.ts';
import { type PageRequest, pageIds } from './page-ids.ts';
import { listOrder, orderColumns, orderValues, searchOrder } from './page-order.ts';

export interface PageReader {
  readonly database: IndexDatabase;
  readonly matcher: Matcher;
  readonly cursors: PageCursors;
  readonly maxSearchMs: number;
}

export function listAssets(reader: PageReader, { limit, after, ...query }: AssetQuery): JsonPage {
  const { parts, sets } = listFilter({ limit, ...query });
  const [first, ...others] = sets.map((leaf) => reader.matcher.rows(leaf));
  const set = first && others.reduce(intersection, first);
  return readPage(reader, ['list', query], { order: listOrder(query.order), parts, set, limit }, after);
}

export async function searchAssets(
  reader: PageReader,
  { limit, after, ...query }: SearchQuery,
): Promise<JsonPage & { readonly total: number }> {
  const name = ['search', query];
  const order = searchOrder(query.order);
  // A wrong cursor is refused before the search.
  reader.cursors.read(name, after);
  const condition = query.condition ?? { kind: 'all', conditions: [] };
  const { set, count } = await reader.matcher.match(condition, reader.maxSearchMs);
  const parts = [{ condition: anyRow, start: anyRow }];
  return { total: count, ...readPage(reader, name, { order, parts, set, limit }, after) };
}

/** @param query - names the query of the cursors */
function readPage(
  { database, cursors }: PageReader,
  query: unknown,
  request: PageRequest,
  after: string | undefined,
): JsonPage {
  const position = cursors.read(query, after);
  database.exec('BEGIN');
  try {
    const ids = pageIds(database, request, position);
    const page = ids.slice(0, request.limit);
    const json = `[${page.map((id) => jsonOf(database, id)).join()}]`;
    const last = page.at(-1);
    if (ids.length <= request.limit || last === undefined) return { json };
    const row = database.get(`SELECT ${orderColumns(request.order)} FROM asset WHERE id = ?`, last) ?? {};
    return { json, next: cursors.write(query, orderValues(request.order, row)) };
  } finally {
    database.exec('COMMIT');
  }
}

function jsonOf(database: IndexDatabase, id: number): string {
  return database.get<{ json: string }>('SELECT json FROM record WHERE id = ?', id)?.json ?? '';
}
