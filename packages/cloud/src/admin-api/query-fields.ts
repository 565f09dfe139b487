import { decoded } from '@safelight/protocol';
import { badRequest } from '../upload-api/api-error.ts';
import { createFieldCollector } from '../upload-api/body/field-collector.ts';
import type { Fields } from '../upload-api/submission.ts';

/**
 * Reads the parameters of a query. Lists come in three spellings: `ids=a,b`, `ids[]=a&ids[]=b` of the Node SDK, and
 * `ids[0]=a&ids[1]=b` of the Python SDK. No signature covers a query, so an index is accepted here.
 *
 * @param target - the target of the request
 * @throws {ApiError} 400 when a parameter is repeated, or its name or its percent-encoding is wrong
 */
export function queryFields(target: string): Fields {
  const start = target.indexOf('?');
  const collector = createFieldCollector(limits);
  if (start === -1) return collector.fields();
  const [query = ''] = target.slice(start + 1).split('#', 1);
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    collector.count();
    const equals = pair.indexOf('=');
    const name = plain(equals === -1 ? pair : pair.slice(0, equals));
    collector.add(name.replace(/\[\d{1,4}\]$/, '[]'), equals === -1 ? '' : plain(pair.slice(equals + 1)));
  }
  return collector.fields();
}

/** Node reads at most 16 kB of headers, which bounds a target. */
const limits = { maxFields: 1_000, maxFieldBytes: 65_536 };

function plain(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  const value = spaced.includes('%') ? decoded(spaced) : spaced;
  if (value === undefined) throw badRequest(`The query has malformed percent-encoding: ${text.slice(0, 100)}`);
  return value;
}
