import type { AssetQuery, OriginalRecord, SearchCondition, SearchField, SearchQuery } from '@safelight/core';

/** What an index must find, in the simplest way: by looking at each record. */

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const wordsOf = (text: string): readonly string[] => lower(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
const byCodePoints = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

export function modelList(records: readonly OriginalRecord[], query: AssetQuery): readonly OriginalRecord[] {
  const { by, direction } = query.order ?? { by: 'publicId', direction: 'asc' };
  const found = records.filter((one) => {
    const value = query.context && one.context?.[query.context.key];
    return (
      (query.resourceType ?? one.resourceType) === one.resourceType &&
      one.publicId.startsWith(query.prefix ?? '') &&
      (query.tag === undefined || one.tags?.includes(query.tag) === true) &&
      (query.context === undefined || (value !== undefined && value === (query.context.value ?? value))) &&
      (query.assetFolder ?? one.assetFolder ?? '') === (one.assetFolder ?? '') &&
      (query.startAt === undefined ||
        (direction === 'desc' ? one.createdAt <= query.startAt : one.createdAt >= query.startAt))
    );
  });
  const ascending = found.toSorted(
    (one, other) =>
      (by === 'createdAt' ? one.createdAt - other.createdAt : 0) ||
      byCodePoints(one.publicId, other.publicId) ||
      byCodePoints(one.resourceType, other.resourceType),
  );
  return direction === 'desc' ? ascending.toReversed() : ascending;
}

export function modelSearch(records: readonly OriginalRecord[], query: SearchQuery): readonly OriginalRecord[] {
  const { condition = { kind: 'all', conditions: [] } } = query;
  return records.filter((one) => meets(one, condition));
}

/** The value of a field that has an order, as text or number; a missing number is -1. */
export function orderValue(one: OriginalRecord, field: SearchField): string | number {
  const [value] = valuesOf(one, field);
  const isNumber = ['createdAt', 'bytes', 'width', 'height', 'pixels', 'aspectRatio'].includes(field);
  if (isNumber) return value ?? -1;
  return lower(String(value ?? ''));
}

function valuesOf(one: OriginalRecord, field: SearchField, key?: string): readonly (string | number)[] {
  const slash = one.publicId.lastIndexOf('/');
  const size =
    one.width !== undefined && one.height !== undefined ? { width: one.width, height: one.height } : undefined;
  switch (field) {
    case 'folder':
      return [one.publicId.slice(0, Math.max(slash, 0))];
    case 'filename':
      return [one.publicId.slice(slash + 1)];
    case 'tags':
      return one.tags ?? [];
    case 'context':
      return Object.entries(one.context ?? {}).flatMap(([name, value]) => ((key ?? name) === name ? [value] : []));
    case 'pixels':
      return size === undefined ? [] : [size.width * size.height];
    case 'aspectRatio':
      return size === undefined ? [] : [size.width / size.height];
    case 'assetFolder':
      return [one.assetFolder ?? ''];
    case 'displayName':
      return [one.displayName ?? ''];
    default: {
      const value = one[field];
      return value === undefined ? [] : [value];
    }
  }
}

function meets(one: OriginalRecord, condition: SearchCondition): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.conditions.every((part) => meets(one, part));
    case 'any':
      return condition.conditions.some((part) => meets(one, part));
    case 'not':
      return !meets(one, condition.condition);
    case 'anywhere':
      return (['publicId', 'displayName', 'tags', 'context'] as const)
        .flatMap((field) => valuesOf(one, field))
        .some((value) => hasWords(String(value), wordsOf(condition.value), condition.isPrefix));
    case 'exists':
      return valuesOf(one, condition.field, condition.key).some(
        (value) => value !== '' || ['tags', 'context'].includes(condition.field),
      );
    case 'range':
      return valuesOf(one, condition.field).some((value) => isWithin(Number(value), condition));
    default:
      return valuesOf(one, condition.field, condition.key).some((value) => fits(value, condition));
  }
}

type ValueCondition = Extract<SearchCondition, { readonly kind: 'equals' | 'words' | 'begins' }>;

function fits(actual: string | number, { kind, value }: ValueCondition): boolean {
  if (typeof actual === 'number') return kind === 'equals' && actual === Number(value);
  const searched = String(value);
  if (kind === 'equals') return lower(actual) === lower(searched);
  const words = wordsOf(searched);
  if (kind === 'words') {
    return words.length === 0 ? lower(actual) === lower(searched) : hasWords(actual, words, false);
  }
  const isWord = words.length === 1 && words[0] === lower(searched);
  return lower(actual).startsWith(lower(searched)) || (isWord && hasWords(actual, words, true));
}

function hasWords(value: string, searched: readonly string[], isPrefix: boolean): boolean {
  if (searched.length === 0) return false;
  const words = wordsOf(value);
  return words.some((_word, from) =>
    searched.every((word, at) => {
      const actual = words[from + at];
      return isPrefix && at === searched.length - 1 ? actual?.startsWith(word) === true : actual === word;
    }),
  );
}

type Range = Extract<SearchCondition, { readonly kind: 'range' }>;

function isWithin(value: number, { from, to }: Range): boolean {
  if (from !== undefined && !(from.isInclusive ? value >= from.value : value > from.value)) return false;
  return to === undefined || (to.isInclusive ? value <= to.value : value < to.value);
}
