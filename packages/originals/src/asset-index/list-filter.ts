import type { AssetQuery } from '@safelight/core';
import type { SqlValue } from './index-database.ts';
import type { LeafQuery } from './leaf-query.ts';
import { afterPrefix, folded } from './searchable-text.ts';

export interface Condition {
  readonly where: string;
  readonly values: readonly SqlValue[];
}

/** A part of an index that is in the order of a list. */
export interface WalkedPart {
  readonly condition: Condition;
  /** Where the first page begins. Later pages begin after their cursor. */
  readonly start: Condition;
}

/** How a list is read: parts of an index, and sets in which an asset must be. */
export interface ListFilter {
  /** One for each resource type. */
  readonly parts: readonly WalkedPart[];
  readonly sets: readonly LeafQuery[];
}

export const anyRow: Condition = { where: '1', values: [] };
const resourceTypes = ['image', 'raw', 'video'] as const;

export function listFilter(query: AssetQuery): ListFilter {
  const isDescending = query.order?.direction === 'desc';
  const [name, time] = [prefixBounds(query.prefix, isDescending), timeBounds(query.startAt, isDescending)];
  const [walked, other] = query.order?.by === 'createdAt' ? [time, name] : [name, time];
  const types = query.resourceType === undefined ? resourceTypes : [query.resourceType];
  const sets = setsOf(query);
  if (other !== undefined) {
    // Each part of the condition can use an index that begins with the type.
    const where = types.map(() => `(resource_type = ? AND ${other.start.where} AND ${other.end.where})`).join(' OR ');
    const values = types.flatMap((type) => [type, ...other.start.values, ...other.end.values]);
    sets.push({ from: 'asset', id: 'id', where, values });
  }
  const { start = anyRow, end = anyRow } = walked ?? {};
  const parts = types.map((type) => ({
    condition: { where: `resource_type = ? AND ${end.where}`, values: [type, ...end.values] },
    start,
  }));
  return { parts, sets };
}

function setsOf({ tag, context, assetFolder }: AssetQuery): LeafQuery[] {
  const sets: LeafQuery[] = [];
  if (tag !== undefined) {
    sets.push({ from: 'tag', id: 'asset', where: 'folded = ? AND tag = ?', values: [folded(tag), tag] });
  }
  if (context !== undefined) {
    const { key, value } = context;
    const [where, values] =
      value === undefined ? ['key = ?', [key]] : ['key = ? AND folded = ? AND value = ?', [key, folded(value), value]];
    sets.push({ from: 'pair', id: 'asset', where, values });
  }
  if (assetFolder !== undefined) {
    // The index has folded values.
    const where = 'asset_folder = ? COLLATE NOCASE AND asset_folder = ?';
    sets.push({ from: 'asset', id: 'id', where, values: [assetFolder, assetFolder] });
  }
  return sets;
}

interface Bounds {
  readonly start: Condition;
  readonly end: Condition;
}

function prefixBounds(prefix: string | undefined, isDescending: boolean): Bounds | undefined {
  if (prefix === undefined || prefix === '') return undefined;
  const next = afterPrefix(prefix, 'as is');
  const low: Condition = { where: 'public_id >= ?', values: [prefix] };
  const high: Condition = next === undefined ? anyRow : { where: 'public_id < ?', values: [next] };
  return isDescending ? { start: high, end: low } : { start: low, end: high };
}

function timeBounds(startAt: number | undefined, isDescending: boolean): Bounds | undefined {
  if (startAt === undefined) return undefined;
  return { start: { where: `created_at ${isDescending ? '<=' : '>='} ?`, values: [startAt] }, end: anyRow };
}
