import type { SearchCondition } from '@safelight/core';
import type { SqlValue } from './index-database.ts';
import { type FieldPlace, fieldPlaces } from './search-fields.ts';
import { afterPrefix, folded, keyedWords, phrase, wordsOf } from './searchable-text.ts';

/** A condition without conditions in it. */
export type LeafCondition = Exclude<SearchCondition, { readonly kind: 'all' | 'any' | 'not' }>;

/** A table, the column with the numbers of assets, and the rows that meet a condition. */
export interface LeafQuery {
  readonly from: string;
  readonly id: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
}

const none: LeafQuery = { from: 'asset', id: 'id', where: '0', values: [] };

/** The rows that meet a condition. The cost is bounded by the number of assets. */
export function leafQuery(condition: LeafCondition): LeafQuery {
  if (condition.kind === 'anywhere') {
    return wordsQuery('{public_id display_name tags context}', wordsOf(condition.value), condition.isPrefix);
  }
  const place = fieldPlaces[condition.field];
  if (condition.kind === 'range') return rangeQuery(place, condition);
  if (condition.kind === 'exists') return existsQuery(place, condition.key);
  const { key, kind } = condition;
  if (place.kind === 'number') {
    return kind === 'equals' ? assets(`${place.column} = ?`, Number(condition.value)) : none;
  }
  const value = String(condition.value);
  if (kind === 'equals') return valueQuery(place, '= ?', [folded(value)], key);
  const fields = wordFields(place, key);
  const words = wordsOf(value);
  if (kind === 'words') {
    if (fields === undefined || words.length === 0) return valueQuery(place, '= ?', [folded(value)], key);
    return wordsQuery(fields, key === undefined ? words : keyedWords(key, value), false);
  }
  const isWord = words.length === 1 && words[0] === value;
  if (fields !== undefined && isWord)
    return wordsQuery(fields, key === undefined ? words : keyedWords(key, value), true);
  const end = afterPrefix(folded(value));
  return end === undefined
    ? valueQuery(place, '>= ?', [folded(value)], key)
    : valueQuery(place, '>= ? AND # < ?', [folded(value), end], key);
}

function assets(where: string, ...values: readonly SqlValue[]): LeafQuery {
  return { from: 'asset', id: 'id', where, values };
}

function wordFields(place: FieldPlace, key: string | undefined): string | undefined {
  if (place.kind === 'text') return place.words;
  if (place.kind === 'context') return key === undefined ? 'context' : 'keyed';
  return place.kind;
}

function wordsQuery(fields: string, words: readonly string[], isPrefix: boolean): LeafQuery {
  if (words.length === 0) return none;
  return { from: 'words', id: 'rowid', where: 'words MATCH ?', values: [`${fields} : ${phrase(words, isPrefix)}`] };
}

/** @param comparison - what stands after the column; `#` stands for the column */
function valueQuery(place: FieldPlace, comparison: string, values: readonly SqlValue[], key?: string): LeafQuery {
  const whereOf = (column: string): string => `${column} ${comparison.replaceAll('#', column)}`;
  switch (place.kind) {
    case 'text':
      return assets(whereOf(`${place.column} COLLATE NOCASE`), ...values);
    case 'tags':
      return { from: 'tag', id: 'asset', where: whereOf('folded'), values };
    case 'metadata':
      return { from: 'metadata', id: 'asset', where: whereOf('value'), values };
    case 'context':
      if (key === undefined) return { from: 'pair', id: 'asset', where: whereOf('folded'), values };
      return { from: 'pair', id: 'asset', where: `key = ? AND ${whereOf('folded')}`, values: [key, ...values] };
    default:
      return none;
  }
}

function rangeQuery(place: FieldPlace, { from, to }: Extract<LeafCondition, { readonly kind: 'range' }>): LeafQuery {
  if (place.kind !== 'number') return none;
  // A missing number is -1.
  const bounds = [{ text: '>= ?', value: 0 }];
  if (from !== undefined) bounds.push({ text: from.isInclusive ? '>= ?' : '> ?', value: from.value });
  if (to !== undefined) bounds.push({ text: to.isInclusive ? '<= ?' : '< ?', value: to.value });
  return assets(bounds.map(({ text }) => `${place.column} ${text}`).join(' AND '), ...bounds.map(({ value }) => value));
}

function existsQuery(place: FieldPlace, key: string | undefined): LeafQuery {
  switch (place.kind) {
    case 'text':
      return assets(`${place.column} <> ''`);
    case 'number':
      return assets(`${place.column} >= 0`);
    case 'metadata':
      return assets('has_metadata = 1');
    case 'tags':
      return { from: 'tag', id: 'asset', where: '1', values: [] };
    case 'context':
      return {
        from: 'pair',
        id: 'asset',
        where: key === undefined ? '1' : 'key = ?',
        values: key === undefined ? [] : [key],
      };
  }
}
