import { hasId, type IdSet, idsOf, idsOfList } from './id-set.ts';
import type { IndexDatabase, SqlValue } from './index-database.ts';
import type { WalkedPart } from './list-filter.ts';
import { afterRow, orderBy, orderColumns, orderValues, type PageOrder } from './page-order.ts';

export interface PageRequest {
  readonly order: PageOrder;
  /** The rows of these are walked. */
  readonly parts: readonly WalkedPart[];
  /** Only these rows; `undefined`: all. */
  readonly set: IdSet | undefined;
  readonly limit: number;
}

type Position = readonly SqlValue[] | undefined;

/** So many rows of the order are read first: the matches may be among them. */
const firstWalk = 2000;
/** If they are not, a set with fewer rows is sorted, which costs less than to read the whole order. */
const maxSorted = 25_000;

/**
 * The numbers of the rows of a page, and of one more row if there are more.
 * @param position - the values of the last row of the page before
 */
export function pageIds(database: IndexDatabase, request: PageRequest, position: Position): readonly number[] {
  const { order, limit, set } = request;
  if (set === undefined) return walk(database, request, position, limit + 1);
  const few = idsOf(set, firstWalk);
  if (few !== undefined) return sorted(database, request, position, few);
  const found: number[] = [];
  let from = position;
  for (let size = firstWalk; ; size *= 4) {
    const walked = walk(database, request, from, size);
    for (const id of walked) {
      if (hasId(set, id) && found.push(id) > limit) return found;
    }
    const last = walked.at(-1);
    if (walked.length < size || last === undefined) return found;
    const all = size === firstWalk ? idsOf(set, maxSorted) : undefined;
    if (all !== undefined) return sorted(database, request, position, all);
    from = orderValues(order, database.get(`SELECT ${orderColumns(order)} FROM asset WHERE id = ?`, last) ?? {});
  }
}

/** The next rows of an order. Most orders have an index. */
function walk(
  database: IndexDatabase,
  { order, parts }: PageRequest,
  position: Position,
  size: number,
): readonly number[] {
  const [only, ...others] = parts;
  if (only === undefined) return [];
  const rows =
    others.length === 0 ? rowsOfPart(only, order, position, size) : rowsOfParts(parts, order, position, size);
  const sql = `SELECT group_concat(id) AS ids FROM (SELECT id FROM (${rows.sql}))`;
  return idsOfList(database.get<{ ids: string | null }>(sql, ...rows.values)?.ids ?? null);
}

interface Select {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

function rowsOfPart({ condition, start }: WalkedPart, order: PageOrder, position: Position, size: number): Select {
  const from = position === undefined ? start : afterRow(order, position);
  // Only columns that an index has, so that SQLite reads the index alone.
  const columns = [...new Set(['id', ...order.map(({ column }) => column.replace(' COLLATE NOCASE', ''))])].join();
  return {
    sql: `SELECT ${columns} FROM asset WHERE ${condition.where} AND ${from.where} ORDER BY ${orderBy(order)} LIMIT ${size}`,
    values: [...condition.values, ...from.values],
  };
}

function rowsOfParts(parts: readonly WalkedPart[], order: PageOrder, position: Position, size: number): Select {
  const selects = parts.map((part) => rowsOfPart(part, order, position, size));
  const union = selects.map(({ sql }) => `SELECT * FROM (${sql})`).join(' UNION ALL ');
  return {
    sql: `SELECT * FROM (${union}) ORDER BY ${orderBy(order)} LIMIT ${size}`,
    values: selects.flatMap(({ values }) => values),
  };
}

function sorted(
  database: IndexDatabase,
  { order, parts, limit }: PageRequest,
  position: Position,
  ids: readonly number[],
): readonly number[] {
  const where = parts.map(({ condition, start }) =>
    position === undefined ? `(${condition.where} AND ${start.where})` : `(${condition.where})`,
  );
  const values = parts.flatMap(({ condition, start }) =>
    position === undefined ? [...condition.values, ...start.values] : condition.values,
  );
  const after = afterRow(order, position);
  const sql = `SELECT id FROM asset NOT INDEXED WHERE id IN (SELECT value FROM json_each(?))
    AND (${where.join(' OR ')}) AND ${after.where} ORDER BY ${orderBy(order)} LIMIT ${limit + 1}`;
  const rows = database.all<{ id: number }>(sql, JSON.stringify(ids), ...values, ...after.values);
  return rows.map(({ id }) => id);
}
