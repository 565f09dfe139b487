import type { Reply } from '../../../../test/servers/ask.ts';

/** Fields that caching may add or replace, and fields about the connection. */
const ignoredFields = new Set([
  ...['date', 'age', 'cache-status', 'accept-ranges'],
  ...['connection', 'keep-alive', 'transfer-encoding', 'content-length'],
]);

/**
 * The parts of a response that must be the same as without the guard. The guard may add an `ETag`, but not change it.
 */
export function essence({ status, rawHeaders, headers, trailers, body, complete }: Reply, bare: Reply): unknown {
  const fields: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase();
    if (ignoredFields.has(name) || (name === 'etag' && bare.headers.etag === undefined)) continue;
    fields.push(`${name}: ${rawHeaders[i + 1]}`);
  }
  const length = headers['content-length'];
  return {
    status,
    fields: fields.toSorted(),
    trailers: { ...trailers },
    complete,
    body: body.toString('latin1'),
    hasItsLength: length === undefined || body.length === 0 || Number(length) === body.length,
  };
}
