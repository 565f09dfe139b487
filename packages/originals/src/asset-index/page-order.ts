import type { AssetOrder, SearchQuery } from '@safelight/core';
import type { SqlValue } from './index-database.ts';
import { orderColumn } from './search-fields.ts';

/** One key of an order. The last key of each order tells all rows apart. */
export interface OrderKey {
  readonly column: string;
  readonly isDescending: boolean;
}

export type PageOrder = readonly OrderKey[];

export function listOrder(order: AssetOrder = { by: 'publicId', direction: 'asc' }): PageOrder {
  const isDescending = order.direction === 'desc';
  const columns =
    order.by === 'createdAt' ? ['created_at', 'public_id', 'resource_type'] : ['public_id', 'resource_type'];
  return columns.map((column) => ({ column, isDescending }));
}

/** @throws {RangeError} when a field has no order */
export function searchOrder(order: SearchQuery['order']): PageOrder {
  const keys = order === undefined || order.length === 0 ? [{ by: 'createdAt', direction: 'desc' } as const] : order;
  const pageOrder = keys.map(({ by, direction }) => ({ column: orderColumn(by), isDescending: direction === 'desc' }));
  // An index has the row number as its last column, so it is read in one direction.
  return [...pageOrder, { column: 'id', isDescending: pageOrder.at(-1)?.isDescending ?? false }];
}

export function orderBy(order: PageOrder): string {
  return order.map(({ column, isDescending }) => `${column}${isDescending ? ' DESC' : ''}`).join(', ');
}

/** The values of a row in an order, as columns `k0`, `k1` … */
export function orderColumns(order: PageOrder): string {
  return order.map(({ column }, at) => `${column.replace(' COLLATE NOCASE', '')} AS k${at}`).join(', ');
}

export function orderValues(order: PageOrder, row: Readonly<Record<string, unknown>>): readonly SqlValue[] {
  return order.map((_key, at) => row[`k${at}`] as SqlValue);
}

/** A condition for the rows after a row, or `1`. `values` belong to it. */
export function afterRow(
  order: PageOrder,
  row: readonly SqlValue[] | undefined,
): { readonly where: string; readonly values: readonly SqlValue[] } {
  if (row === undefined) return { where: '1', values: [] };
  const [key, ...laterKeys] = order;
  const [value = null, ...laterValues] = row;
  if (key === undefined) return { where: '0', values: [] };
  const sign = key.isDescending ? '<' : '>';
  if (laterKeys.length === 0) return { where: `${key.column} ${sign} ?`, values: [value] };
  const later = afterRow(laterKeys, laterValues);
  return {
    // The first comparison lets SQLite begin in an index.
    where: `${key.column} ${sign}= ? AND (${key.column} ${sign} ? OR (${later.where}))`,
    values: [value, value, ...later.values],
  };
}
