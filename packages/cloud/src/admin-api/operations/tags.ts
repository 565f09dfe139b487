import { type AdminOperation, operation } from '../operation.ts';
import { defaultResults, indexOf, nextCursor, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

export const tags: AdminOperation = operation({
  name: 'tags',
  method: 'GET',
  path: 'tags/{resource_type}',
  summary: 'The tags that assets of a type have',
  shape: {
    resource_type: schemas.resourceType,
    prefix: schemas.word.optional(),
    max_results: schemas.maxResults.optional(),
    next_cursor: schemas.cursor.optional(),
  },
  async run({ resource_type: resourceType, prefix, max_results: limit = defaultResults, next_cursor: after }, call) {
    const page = await pageOf(indexOf(call.context), (index) => index.tags({ resourceType, prefix, limit, after }));
    return { tags: page.tags, ...nextCursor(page.next) };
  },
});
