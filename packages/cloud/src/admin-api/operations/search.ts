import type { ListedAsset } from '@safelight/protocol';
import { readSearchExpression } from '../../search/read-search-expression.ts';
import { readSortBy } from '../../search/read-sort-by.ts';
import { foundEntry, listedMembers } from '../described.ts';
import { type AdminOperation, operation } from '../operation.ts';
import { indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

/** A search has 50 results without `max_results`. */
const defaultFound = 50;

export const search: AdminOperation = operation({
  name: 'search',
  method: 'POST',
  path: 'resources/search',
  summary: 'Finds assets by an expression, such as tags=shirt AND created_at>1d',
  shape: {
    expression: schemas.expression.optional(),
    max_results: schemas.maxFound.optional(),
    next_cursor: schemas.cursor.optional(),
    sort_by: schemas.json.optional(),
    with_field: listedMembers.optional(),
    fields: listedMembers.optional(),
  },
  refused: { aggregate: 'Count the pages of a search for each value, by total_count.' },
  async run(input, { context, settings }) {
    const startedAt = performance.now();
    const limit = input.max_results ?? defaultFound;
    const condition =
      input.expression === undefined ? undefined : readSearchExpression(input.expression, { nowMs: context.clock() });
    const order = readSortBy(input.sort_by);
    const { assets, total, next } = await pageOf(indexOf(context), (index) =>
      index.search({ condition, order, limit: limit || 1, after: input.next_cursor }),
    );
    const members = { fields: input.fields, withField: input.with_field };
    return {
      total_count: total,
      time: Math.round(performance.now() - startedAt),
      resources: limit === 0 ? [] : assets.map((asset): Partial<ListedAsset> => foundEntry(asset, members, settings)),
      ...nextCursor(limit === 0 ? undefined : next),
    };
  },
});
