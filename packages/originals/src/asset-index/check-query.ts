import { checkValue, wholeValue } from '@safelight/protocol';

const limitRule = wholeValue({ min: 1, max: 500 });

/**
 * Checks the size of a page, and removes members that are `undefined`, which do not change a query.
 * @throws {TypeError | RangeError} when the limit is not a whole number from 1 to 500
 */
export function checkQuery<Query extends { readonly limit: number }>(query: Query): Query {
  checkValue('AssetIndex: limit', query.limit, limitRule);
  return JSON.parse(JSON.stringify(query)) as Query;
}
