import type { SearchQuery } from '@safelight/core';
import { nearName } from '@safelight/protocol';
import { badRequest } from '../upload-api/api-error.ts';
import { namedFields } from './search-names.ts';

const maxKeys = 10;
const sortable = Object.keys(namedFields).filter((name) => namedFields[name]?.isSortable === true);

/**
 * Reads `sort_by` of a search: `[{ created_at: 'desc' }]`, the most important field first.
 *
 * @param value - as JSON has it; `undefined` and `null` stand for the default order
 * @throws {ApiError} 400 when it has another form, or a field has no order; the message names the field
 */
export function readSortBy(value: unknown): SearchQuery['order'] {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > maxKeys) throw badRequest(`Invalid sort_by. It has more than ${maxKeys} fields.`);
  return list.flatMap((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) throw wrongForm();
    return Object.entries(item).map(([name, direction]) => orderOf(name, direction));
  });
}

function orderOf(name: string, direction: unknown): NonNullable<SearchQuery['order']>[number] {
  const field = sortable.includes(name) ? namedFields[name] : undefined;
  if (field === undefined) {
    const near = nearName(name, sortable);
    const hint = near === undefined ? `The fields are: ${sortable.join(', ')}.` : `Did you mean ${near}?`;
    throw badRequest(`Invalid sort_by. ${JSON.stringify(name.slice(0, 40))} is not a field with an order. ${hint}`);
  }
  const text = typeof direction === 'string' ? direction.toLowerCase() : direction;
  if (text !== 'asc' && text !== 'desc') throw wrongForm();
  return { by: field.field, direction: text };
}

function wrongForm(): Error {
  return badRequest(`Invalid sort_by. Write it as [{"created_at":"desc"}], with "asc" or "desc".`);
}
